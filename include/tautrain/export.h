/* SPDX-License-Identifier: Apache-2.0 */
/* export.h - which names the shared library shows. */
#ifndef TAUTRAIN_EXPORT_H
#define TAUTRAIN_EXPORT_H

#if defined(TAU_BUILDING) && !defined(TAU_STATIC)
#define TAU_API __attribute__((visibility("default")))
#else
#define TAU_API
#endif

#ifdef __cplusplus
#define TAU_BEGIN_DECLS extern "C" {
#define TAU_END_DECLS }
#else
#define TAU_BEGIN_DECLS
#define TAU_END_DECLS
#endif

#endif

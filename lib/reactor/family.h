/* SPDX-License-Identifier: Apache-2.0 */
/* family.h - how a local balance becomes a march or a root; for lib/reactor alone. */
#ifndef TAUP_FAMILY_H
#define TAUP_FAMILY_H

#include "reactor/builder.h"

tau_status taup_family_march(taup_builder *b, taup_equations *out);
tau_status taup_family_tank(taup_builder *b, taup_equations *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* constants.h - constants of nature that more than one layer needs. */
#ifndef TAUP_CONSTANTS_H
#define TAUP_CONSTANTS_H

/* R [J/mol/K], CODATA 2018 (exact): E. Tiesinga et al., Rev. Mod. Phys. 93 (2021) 025010. */
#define TAUP_R 8.31446261815324

#endif

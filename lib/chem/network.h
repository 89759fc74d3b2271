/* SPDX-License-Identifier: Apache-2.0 */
/* network.h - structure of a reaction network: conserved moieties. */
#ifndef TAUP_NETWORK_H
#define TAUP_NETWORK_H

#include "base/alloc.h"
#include <tautrain/status.h>

/* Net stoichiometry by reaction, compressed: species and net coefficient (products positive) of reaction j are
 * [start[j], start[j+1]). Entries with a coefficient of 0 are left out. */
typedef struct taup_stoichiometry {
  int n_species, n_reactions;
  const int *start;
  const int *species;
  const double *coefficient;
} taup_stoichiometry;

/* Net coefficient of a species in reaction j; 0 where the reaction does not change it. */
double taup_net_coefficient(const taup_stoichiometry *s, int j, int species);

/* A conserved sum: sum of coefficient[k] * amount of species[k] does not change by any reaction. Smallest whole coefficients, the first
 * positive. Sorted by species. */
typedef struct taup_moiety {
  int n;
  const int *species;
  const double *coefficient;
  int lone; /* species whose coefficient's sign stands alone among at least one of the other sign, and whose coefficient is +-1; else -1 */
} taup_moiety;

/* A basis of the left null space by exact sparse integer elimination, as sparse and as non-negative as found; species that no reaction
 * touches make no moiety. In the arena. Linear in time for networks whose moieties are few. */
tau_status taup_moieties(const taup_stoichiometry *s, taup_arena *arena, int *n_moieties,
                         const taup_moiety **out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* two_results.h - a result that stands in a file and one that is saved over it, in a folder of their own. Include after small_run.h. */
#ifndef TWO_RESULTS_H
#define TWO_RESULTS_H

#include "fault/routes.h"
#include "support/scratch.h"

static tau_result *old_result, *new_result;

static int set_up(void **state)
{
  if (scratch_enter(state)) return -1;
  old_result = small_result(batch_text);
  new_result = small_result(route_text);
  return 0;
}

static int tear_down(void **state)
{
  tau_result_free(old_result);
  tau_result_free(new_result);
  return scratch_leave(state);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* train_rtd_calls.h - the calls of train_rtd.h upon the world of calls.c. */
#ifndef TRAIN_RTD_CALLS_H
#define TRAIN_RTD_CALLS_H

static tau_status rtd_handed(world *w, tau_status st, tau_rtd *rtd)
{
  handed(w, st, rtd);
  tau_rtd_free(rtd);
  return st;
}

static tau_status train_rtd(world *w)
{
  tau_rtd *rtd = NULL;
  double fraction;
  const tau_status st = tau_train_rtd(&rtd, w->train, NULL, "f", "tank", &fraction);
  return rtd_handed(w, st, rtd);
}

static tau_status train_rtd_refused(world *w)
{
  tau_rtd *rtd = NULL;
  const tau_status st = tau_train_rtd(&rtd, w->train, w->inputs, "g", "end", NULL);
  w->gave_out = w->gave_out || rtd;
  return expected(st, TAU_E_UNSUPPORTED);
}

static tau_status model_parse_network(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_parse_network(&m, loop_text, strlen(loop_text), "loop", listen, NULL);
  return model_and_free(w, st, m);
}

static tau_status model_train_rtd(world *w)
{
  tau_rtd *rtd = NULL;
  const tau_status st = tau_model_train_rtd(&rtd, w->network, NULL, NULL, NULL);
  return rtd_handed(w, st, rtd);
}

static tau_status model_read_network(world *w)
{
  tau_model *m = NULL;
  const tau_status st = tau_model_read_network(&m, "route.yaml", listen, NULL);
  return model_and_free(w, st, m);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* oracle_rtd.c - numbers of distributions: paths "rtd:<name>:<what>[:<quantity>]" of a model file with a block `rtd:`.
 *
 *     E, F, W             at a time           rtd:coil:E:2.5 min
 *     G                   at a rate           rtd:coil:G:0.2 1/min     first-order outlet over inlet
 *     mean variance third                     rtd:coil:variance
 *     relative-variance, tanks                variance/mean^2, mean^2/variance
 *     area first second   up to a time        rtd:coil:first:10 s      integrals of E, t E, t^2 E */
#include "oracle_rtd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct answer {
  double value;
  const char *unit;
} answer;

static answer moment(const tau_rtd *rtd, const char *what)
{
  tau_rtd_moments m;
  tau_rtd_get_moments(rtd, &m);
  if (strcmp(what, "mean") == 0) return (answer){m.mean, "s"};
  if (strcmp(what, "variance") == 0) return (answer){m.variance, "s^2"};
  if (strcmp(what, "third") == 0) return (answer){m.third_central, "s^3"};
  if (strcmp(what, "relative-variance") == 0) return (answer){m.variance / (m.mean * m.mean), "1"};
  if (strcmp(what, "tanks") == 0) return (answer){m.mean * m.mean / m.variance, "1"};
  return (answer){NAN, "1"};
}

static answer truncated(const tau_rtd *rtd, const char *what, double t)
{
  static const char *const names[] = {"area", "first", "second"}, *const units[] = {"1", "s", "s^2"};
  double m[3];
  for (int k = 0; k < 3; k++)
    if (strcmp(what, names[k]) == 0 && tau_rtd_truncated_moments(rtd, t, m) == TAU_OK)
      return (answer){m[k], units[k]};
  return (answer){NAN, "1"};
}

static answer at(const tau_rtd *rtd, const char *what, double x)
{
  double y = NAN, G[2];
  if (strcmp(what, "E") == 0) return tau_rtd_density(rtd, 1, &x, &y, NULL), (answer){y, "1/s"};
  if (strcmp(what, "F") == 0) return tau_rtd_cumulative(rtd, 1, &x, &y, NULL), (answer){y, "1"};
  if (strcmp(what, "W") == 0) return tau_rtd_washout(rtd, 1, &x, &y, NULL), (answer){y, "1"};
  if (strcmp(what, "G") != 0) return truncated(rtd, what, x);
  const double s[] = {x, 0.0};
  return tau_rtd_transform(rtd, 1, s, G) < 0 ? (answer){NAN, "1"} : (answer){G[0], "1"};
}

static answer ask(const tau_rtd *rtd, const char *what, const char *quantity)
{
  double x;
  char *unit;
  if (!quantity) return moment(rtd, what);
  x = strtod(quantity, &unit);
  while (*unit == ' ') unit++;
  if (tau_convert(x, unit, strcmp(what, "G") == 0 ? "1/s" : "s", &x) < 0) return (answer){NAN, "1"};
  return at(rtd, what, x);
}

double oracle_rtd(const char *file, const char *path, const char *unit)
{
  char text[512];
  tau_model *model = NULL;
  tau_rtd *rtd = NULL;
  double value = NAN;
  snprintf(text, sizeof text, "%s", path + strlen("rtd:"));
  char *what = strchr(text, ':'), *quantity = what ? strchr(what + 1, ':') : NULL;
  if (what) *what++ = '\0';
  if (quantity) *quantity++ = '\0';
  if (!what || tau_model_read(&model, file) < 0 || tau_model_rtd(&rtd, model, text) < 0) {
    printf("%s: %s: %s\n", file, path, tau_last_error());
  } else {
    const answer a = ask(rtd, what, quantity);
    if (tau_convert(a.value, a.unit, unit, &value) < 0) printf("%s: %s\n", path, tau_last_error());
  }
  tau_rtd_free(rtd);
  tau_model_free(model);
  return value;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* sweeps_report.c - the rows of a sweep as JSON, and its sample for the peers. */
#include <math.h>

#include "bench/sweeps.h"

static void begin_row(report *r, const char *name, const char *what, double ours, double base, double ratio,
                      double target)
{
  fprintf(r->rows,
          "%s\n  {\"name\": \"%s%s\", \"ours\": %.6g, \"base\": %.6g, \"unit\": \"us\", \"ratio\": %.6f, ",
          r->n_rows++ ? "," : "", name, what, 1e6 * ours, 1e6 * base, ratio);
  if (isnan(target)) fprintf(r->rows, "\"target\": null,\n   ");
  else fprintf(r->rows, "\"target\": %.6g,\n   ", target);
}

/* A number, or null where there is none. */
static void write_error(FILE *out, const char *key, double x, const char *behind)
{
  if (isnan(x)) fprintf(out, "\"%s\": null, ", key);
  else fprintf(out, "\"%s\": %.2e, ", key, x);
  fprintf(out, "%s", behind);
}

void write_sweep_row(report *r, const sides *s, const equal *q, const times *t)
{
  const work *w = s->w;
  begin_row(r, s->w->name, "_sweep", quantile(t->n, t->ours, 0.5), quantile(t->n, t->base, 0.5),
            quantile(t->n, t->ratio, 0.5), w->target);
  write_error(r->rows, "error_ours", q->ours.rms, "");
  write_error(r->rows, "error_base", q->base.rms, "\n   \"note\": \"");
  fprintf(r->rows, "a point of %d; %lld handed over, %lld failed; rtol %.1e; error rms, the largest %.1e; ",
          w->n_points, s->n_handed_over, s->n_failed, q->rtol_ours, q->ours.most);
  if (w->limit > 0.0) fprintf(r->rows, "base: %g us; ", 1e6 * w->limit);
  else
    fprintf(r->rows, "base: %d of the points, rtol %.1e, the largest %.1e; ", w->n_sample, q->rtol_base,
            q->base.most);
  fprintf(r->rows, "medians of %d rounds, ratio %.4f to %.4f (quartiles)\"}", t->n,
          quantile(t->n, t->ratio, 0.25), quantile(t->n, t->ratio, 0.75));
}

void write_threads_row(report *r, const sides *s, const times *t, bool same)
{
  const double ratio = quantile(t->n, t->threads, 0.5);
  begin_row(r, s->w->name, "_sweep, 2 threads", 2.0 * quantile(t->n, t->two, 0.5),
            quantile(t->n, t->ours, 0.5), ratio, 1.0 / 0.95);
  write_error(r->rows, "error_ours", (double)NAN, "");
  write_error(r->rows, "error_base", (double)NAN, "\n   \"note\": \"");
  fprintf(r->rows,
          "twice the time of a point with 2 threads; base: with 1; efficiency %.3f (quartiles %.3f to ",
          1.0 / ratio, 1.0 / quantile(t->n, t->threads, 0.75));
  fprintf(r->rows,
          "%.3f, of the fastest %.3f); of processor time, without others' load, ratio %.3f; "
          "two processes at once, a sweep by one thread each: %.3f of the time of one; %s\"}",
          1.0 / quantile(t->n, t->threads, 0.25),
          0.5 * quantile(t->n, t->ours, 0.0) / quantile(t->n, t->two, 0.0), quantile(t->n, t->processor, 0.5),
          quantile(t->n, t->twins, 0.5), same ? "the same bits" : "OTHER BITS");
}

void write_sens_row(report *r, const equal *q, const times *t, int n_points, long long n_handed_over)
{
  begin_row(r, "sens", "", quantile(t->n, t->ours, 0.5), quantile(t->n, t->base, 0.5),
            quantile(t->n, t->ratio, 0.5), 1.0 / 50.0);
  write_error(r->rows, "error_ours", q->ours.rms, "");
  write_error(r->rows, "error_base", q->base.rms, "\n   \"note\": \"");
  fprintf(r->rows,
          "a point of %d, one thread, %lld handed over; rtol %.1e and %.1e; errors are rms, the largest %.1e "
          "and %.1e; ",
          n_points, n_handed_over, q->rtol_ours, q->rtol_base, q->ours.most, q->base.most);
  fprintf(r->rows, "medians of %d rounds, ratio %.4f to %.4f (quartiles)\"}", t->n,
          quantile(t->n, t->ratio, 0.25), quantile(t->n, t->ratio, 0.75));
}

void write_tank_row(report *r, const equal *q, const times *t, int n_points, long long n_handed_over)
{
  begin_row(r, "tank", "_sweep", quantile(t->n, t->ours, 0.5), quantile(t->n, t->base, 0.5),
            quantile(t->n, t->ratio, 0.5), (double)NAN);
  write_error(r->rows, "error_ours", q->ours.rms, "");
  write_error(r->rows, "error_base", q->base.rms, "\n   \"note\": \"");
  fprintf(
    r->rows,
    "a point of %d, one thread, %lld handed over; base: Newton's method by hand, with no look at stability; "
    "errors are rms, the largest %.1e and %.1e; medians of %d rounds, ratio %.4f to %.4f (quartiles)\"}",
    n_points, n_handed_over, q->ours.most, q->base.most, t->n, quantile(t->n, t->ratio, 0.25),
    quantile(t->n, t->ratio, 0.75));
}

static void write_numbers(FILE *out, const char *key, int n, const double *x, const char *behind)
{
  fprintf(out, "\"%s\": [", key);
  for (int i = 0; i < n; i++) fprintf(out, "%s%.17g", i ? ", " : "", x[i]);
  fprintf(out, "]%s", behind);
}

void begin_points(report *r, const char *name, double us, double rms, double atol_of_rtol)
{
  fprintf(r->points,
          "%s\n {\"name\": \"%s\", \"us\": %.6g, \"error\": %.4e, \"atol_of_rtol\": %.3g, \"points\": [",
          r->n_points++ ? "," : "", name, us, rms, atol_of_rtol);
}

void write_point(report *r, bool first, const sample_point *p)
{
  fprintf(r->points, "%s\n  {\"end\": %.17g, ", first ? "" : ",", p->end);
  write_numbers(r->points, "k", p->n_k, p->k, ", ");
  write_numbers(r->points, "start", p->n, p->start, ", ");
  write_numbers(r->points, "right", p->n_right, p->right, ", ");
  write_numbers(r->points, "scale", p->n_right, p->scale, "}");
}

void write_points(report *r, const sides *s, const equal *q, const times *t)
{
  const int n = s->w->problem.n, n_k = s->w->k ? s->w->n_k : SNAR_N_K;
  double k[MOST_K], start[SNAR_N], scale[MOST_N];
  begin_points(r, s->w->name, 1e6 * quantile(t->n, t->ours, 0.5), q->ours.rms, s->w->atol / NOMINAL_RTOL);
  for (int i = 0; i < s->w->n_sample; i++) {
    const base_run run = base_point(s, i, k, start);
    const double *right = s->reference + (ptrdiff_t)i * n;
    for (int j = 0; j < n; j++) scale[j] = scale_of(s, i, right[j]);
    write_point(r, i == 0, &(sample_point){run.end, n_k, n, n, k, run.start, right, scale});
  }
  fprintf(r->points, "]}");
}

/* SPDX-License-Identifier: MIT */
/* The median of many values, and the order in which rounds are run. */
#include "bench.h"

static int compare(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

struct bench_spread bench_spread_of(double *values, size_t n)
{
    size_t middle = n / 2, half = 1; /* Of the ranks: two deviations. */
    while (half * half < n)
        half++;
    qsort(values, n, sizeof *values, compare);
    return (struct bench_spread){
        .low = values[middle - half],
        .median = values[middle],
        .high = values[middle + half],
    };
}

double bench_median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

void bench_shuffle(int *order, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int j = rand() % (i + 1), other = order[j];
        order[j] = order[i];
        order[i] = other;
    }
}

// Privacy-loss distributions: Fourier transforms in double precision and the discretisation of one step.
#ifndef TRIBUTARY_CKERNELS_PRIVACY_H
#define TRIBUTARY_CKERNELS_PRIVACY_H

#include <stdint.h>

/// cosine[j] = cos(2 pi j / n), sine[j] = -sin(2 pi j / n) for j < n, each correctly reduced; n a power of two, >= 4.
void tributary_twiddles(int64_t n, double *cosine, double *sine);
/// Discrete Fourier transform of n complex numbers, exponent -2 pi i jk / n; n a power of two >= 4, twiddles of the same n.
/// Works in re and im with scratch of n each. Relative error in the L2 norm at most 8 u log2(n), u = 2^-53.
void tributary_fourier(int64_t n, const double *cosine, const double *sine, double *re, double *im, double *scratch_re,
                       double *scratch_im);
/// From the transform (re, im; n entries) of x[2j] + i x[2j+1] to entries 0 ... n of that of the 2n real numbers x; re and im have
/// n + 1 entries.
void tributary_real_unpack(int64_t n, double *re, double *im);
/// The inverse of tributary_real_unpack, conjugated so that tributary_fourier undoes the transform: afterwards re[j] / n is x[2j] and
/// -im[j] / n is x[2j+1].
void tributary_real_pack(int64_t n, double *re, double *im);
/// product *= factor^power for n complex numbers with |factor| <= 1 up to rounding; results below e^-80 become 0. power >= 1.
void tributary_power_product(int64_t n, double power, const double *re, const double *im, double *product_re,
                             double *product_im);

/// One step of the Poisson-subsampled Gaussian mechanism, connect the dots: loss l(x) = ln(1 - q + q exp((2x - 1) / (2 sigma^2))) for x in
/// [x_low, x_high]. The P-mass of every cell [i h, (i+1) h], i = low ... low + count - 2, is shared between its ends so that the
/// Q-mass is kept as well. remove[i - low]: mass of loss i h under the mixture; add[i - low]: mass of loss -i h under the base.
/// Both are added to. 0 < q <= 1; low h <= l(x_low).
void tributary_connect_gaussian(double sigma, double q, double h, int64_t low, int64_t count, double x_low, double x_high,
                                double *remove, double *add);
/// The next coarser grid: atoms at odd multiples of h are shared between their neighbours, keeping P- and Q-mass. fine holds indices
/// 2 low ... 2 (low + count - 1); coarse holds count. Sign as above: losses rise with the index.
void tributary_coarsen(double h, int64_t count, const double *fine, double *coarse);
/// sum of mass[i] exp(lambda h i + offset)
double tributary_exponential_sum(int64_t count, const double *mass, double lambda_h, double offset);
/// sum of exp(a l[i] + b[i] - shift); sums of the same terms times l and l^2 in moments[0], moments[1]
double tributary_log_sum(int64_t n, double a, const double *l, const double *b, double shift, double moments[2]);
/// The largest of a l[i] + b[i]
double tributary_log_peak(int64_t n, double a, const double *l, const double *b);

/// sum of density[i] (r^alpha - 1 - alpha (r - 1)), r = 1 + increment[i] = exp(loss[i]): the moment of order alpha less one, of a
/// likelihood ratio r whose mean under the density is one; nothing cancels.
double tributary_renyi_excess(int64_t n, double alpha, const double *loss, const double *increment, const double *density);

#endif

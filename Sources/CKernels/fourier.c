#include "CKernelsPrivacy.h"
#include "dispatch.h"

void tributary_twiddles(int64_t n, double *cosine, double *sine) {
    const double step = 2 * M_PI / (double)n;
    const int64_t eighth = n / 8;
    for (int64_t j = 0; j <= eighth; j++) {
        cosine[j] = cos(step * (double)j);
        sine[j] = sin(step * (double)j);
    }
    for (int64_t j = eighth + 1; j <= n / 4; j++) {
        cosine[j] = sine[n / 4 - j];
        sine[j] = cosine[n / 4 - j];
    }
    for (int64_t j = n / 4 + 1; j <= n / 2; j++) {
        cosine[j] = -cosine[n / 2 - j];
        sine[j] = sine[n / 2 - j];
    }
    for (int64_t j = n / 2 + 1; j < n; j++) {
        cosine[j] = cosine[n - j];
        sine[j] = -sine[n - j];
    }
    for (int64_t j = 0; j < n; j++) sine[j] = -sine[j];
}

// One butterfly of four: entries q of the blocks a, b, c, d of x go to the blocks 0 ... 3 of y.
#define BUTTERFLY(A, B, C, D, Y0, Y1, Y2, Y3)                                      \
    do {                                                                           \
        double ar = xr[A], ai = xi[A], br = xr[B], bi = xi[B];                     \
        double cr = xr[C], ci = xi[C], dr = xr[D], di = xi[D];                     \
        double sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;             \
        double ur = br + dr, ui = bi + di, vr = bi - di, vi = dr - br;             \
        yr[Y0] = sr + ur;                                                          \
        yi[Y0] = si + ui;                                                          \
        double er = tr + vr, ei = ti + vi, fr = sr - ur, fi = si - ui;             \
        double gr = tr - vr, gi = ti - vi;                                         \
        yr[Y1] = er * w1r - ei * w1i;                                              \
        yi[Y1] = er * w1i + ei * w1r;                                              \
        yr[Y2] = fr * w2r - fi * w2i;                                              \
        yi[Y2] = fr * w2i + fi * w2r;                                              \
        yr[Y3] = gr * w3r - gi * w3i;                                              \
        yi[Y3] = gr * w3i + gi * w3r;                                              \
    } while (0)

// Stockham's form, four at a time: the result comes out in order, and inner loops run over neighbours.
DISPATCHED void tributary_fourier(int64_t n, const double *restrict cosine, const double *restrict sine, double *re, double *im,
                                  double *scratch_re, double *scratch_im) {
    FUSED
    double *restrict xr = re, *restrict xi = im, *restrict yr = scratch_re, *restrict yi = scratch_im;
    int64_t length = n, s = 1;
    for (; length >= 4; length /= 4, s *= 4) {
        const int64_t m = length / 4;
        if (s == 1) {
            for (int64_t p = 0; p < m; p++) {
                const double w1r = cosine[p], w1i = sine[p];
                const double w2r = cosine[2 * p], w2i = sine[2 * p], w3r = cosine[3 * p], w3i = sine[3 * p];
                BUTTERFLY(p, p + m, p + 2 * m, p + 3 * m, 4 * p, 4 * p + 1, 4 * p + 2, 4 * p + 3);
            }
        } else {
            for (int64_t p = 0; p < m; p++) {
                const double w1r = cosine[p * s], w1i = sine[p * s], w2r = cosine[2 * p * s], w2i = sine[2 * p * s];
                const double w3r = cosine[3 * p * s], w3i = sine[3 * p * s];
                const int64_t from = s * p, to = 4 * s * p;
                for (int64_t q = 0; q < s; q++) {
                    BUTTERFLY(q + from, q + from + s * m, q + from + 2 * s * m, q + from + 3 * s * m, q + to, q + to + s,
                              q + to + 2 * s, q + to + 3 * s);
                }
            }
        }
        double *t = xr;
        xr = yr;
        yr = t;
        t = xi;
        xi = yi;
        yi = t;
    }
    if (length == 2) {
        for (int64_t q = 0; q < s; q++) {
            double ar = xr[q], ai = xi[q], br = xr[q + s], bi = xi[q + s];
            yr[q] = ar + br;
            yi[q] = ai + bi;
            yr[q + s] = ar - br;
            yi[q + s] = ai - bi;
        }
        double *t = xr;
        xr = yr;
        yr = t;
        t = xi;
        xi = yi;
        yi = t;
    }
    if (xr != re) {
        memcpy(re, xr, (size_t)n * sizeof *re);
        memcpy(im, xi, (size_t)n * sizeof *im);
    }
}

void tributary_real_unpack(int64_t n, double *re, double *im) {
    re[n] = re[0];
    im[n] = im[0];
    const double step = M_PI / (double)n;
    for (int64_t j = 0; j <= n / 2; j++) {
        const int64_t k = n - j;
        const double c = cos(step * (double)j), s = -sin(step * (double)j);
        const double er = 0.5 * (re[j] + re[k]), ei = 0.5 * (im[j] - im[k]);
        const double hr = 0.5 * (im[j] + im[k]), hi = -0.5 * (re[j] - re[k]);
        const double pr = c * hr - s * hi, pi = c * hi + s * hr;
        re[j] = er + pr;
        im[j] = ei + pi;
        re[k] = er - pr;
        im[k] = -(ei - pi);
    }
}

void tributary_real_pack(int64_t n, double *re, double *im) {
    const double step = M_PI / (double)n;
    for (int64_t j = 0; j <= n / 2; j++) {
        const int64_t k = n - j;
        const double c = cos(step * (double)j), s = sin(step * (double)j);
        const double er = 0.5 * (re[j] + re[k]), ei = 0.5 * (im[j] - im[k]);
        const double dr = 0.5 * (re[j] - re[k]), di = 0.5 * (im[j] + im[k]);
        const double hr = c * dr - s * di, hi = c * di + s * dr;
        // E + iH at j, and its counterpart conj(E) + i conj(H) at k; conjugated for the way back.
        re[j] = er - hi;
        im[j] = -(ei + hr);
        re[k] = er + hi;
        im[k] = -(hr - ei);
    }
}

void tributary_power_product(int64_t n, double power, const double *re, const double *im, double *product_re,
                             double *product_im) {
    const double least = exp(fmax(-160 / power, -700));
    for (int64_t k = 0; k < n; k++) {
        const double square = re[k] * re[k] + im[k] * im[k];
        if (square < least || (product_re[k] == 0 && product_im[k] == 0)) {
            product_re[k] = 0;
            product_im[k] = 0;
            continue;
        }
        const double size = exp(0.5 * power * log(square));
        const double angle = power * atan2(im[k], re[k]);
        const double fr = size * cos(angle), fi = size * sin(angle);
        const double pr = product_re[k], pi = product_im[k];
        product_re[k] = pr * fr - pi * fi;
        product_im[k] = pr * fi + pi * fr;
    }
}

#include "CKernelsPrivacy.h"
#include "dispatch.h"

// Gauss-Legendre nodes in [0, 1] and weights, by number of nodes.
static const double nodes2[] = {0.21132486540518712, 0.78867513459481288}, weights2[] = {0.5, 0.5};
static const double nodes3[] = {0.11270166537925831, 0.5, 0.88729833462074169},
                    weights3[] = {0.27777777777777778, 0.44444444444444444, 0.27777777777777778};
static const double nodes4[] = {0.069431844202973712, 0.33000947820757187, 0.66999052179242813, 0.93056815579702629},
                    weights4[] = {0.17392742256872693, 0.32607257743127307, 0.32607257743127307, 0.17392742256872693};
static const double nodes8[] = {0.019855071751231884, 0.10166676129318664, 0.2372337950418355,  0.40828267875217511,
                                0.59171732124782489,  0.7627662049581645,  0.89833323870681336, 0.98014492824876812},
                    weights8[] = {0.050614268145188130, 0.11119051722668724, 0.15685332293894364, 0.18134189168918099,
                                  0.18134189168918099,  0.15685332293894364, 0.11119051722668724, 0.050614268145188130};

// The share of a loss t above the lower end of a cell of width h that goes to the upper end: expm1(-t) / expm1(-h).
INLINE double small_expm1(double t) {
    return t < 0.01 ? -t * (1 - t * (1.0 / 2) * (1 - t * (1.0 / 3) * (1 - t * (1.0 / 4) * (1 - t * (1.0 / 5) * (1 - t * (1.0 / 6)))))) : expm1(-t);
}

void tributary_connect_gaussian(double sigma, double q, double h, int64_t low, int64_t count, double x_low, double x_high,
                                double *remove, double *add) {
    const double variance = sigma * sigma;
    const double widest = 0.5 * fmin(sigma, 2 * variance);
    const double scale = 1 / (sigma * sqrt(2 * M_PI));
    const double whole = 1 / small_expm1(h);
    double start = x_low;
    for (int64_t i = low; i < low + count - 1; i++) {
        const double base = (double)i * h;
        double end = x_high;
        if (i < low + count - 2) {
            const double l = (double)(i + 1) * h;
            const double share = l < 700 ? expm1(l) / q : 0;
            end = 0.5 + variance * (q >= 1 ? l : l >= 700 ? l - log(q) : share > -1 ? log1p(share) : -INFINITY);
            end = fmin(end, x_high);
        }
        if (!(end > start)) continue;
        const int64_t panels = (int64_t)ceil((end - start) / widest);
        const double width = (end - start) / (double)panels;
        const double relative = width / (2 * widest);
        const double *nodes = nodes8, *weights = weights8;
        int order = 8;
        if (relative < 0.001) {
            nodes = nodes2, weights = weights2, order = 2;
        } else if (relative < 0.02) {
            nodes = nodes3, weights = weights3, order = 3;
        } else if (relative < 0.1) {
            nodes = nodes4, weights = weights4, order = 4;
        }
        double p = 0, p_up = 0, b = 0, b_up = 0;
        for (int64_t panel = 0; panel < panels; panel++) {
            const double from = start + (double)panel * width;
            for (int k = 0; k < order; k++) {
                const double x = from + width * nodes[k];
                const double z = (2 * x - 1) / (2 * variance);
                const double density = weights[k] * exp(-x * x / (2 * variance));
                double ratio, loss;
                if (q >= 1) {
                    loss = z;
                    ratio = exp(z);
                } else if (z < 30) {
                    const double rise = q * expm1(z);
                    ratio = 1 + rise;
                    loss = log1p(rise);
                } else {
                    loss = z + log(q + (1 - q) * exp(-z));
                    ratio = exp(loss);
                }
                double t = loss - base;
                t = t < 0 ? 0 : t > h ? h : t;
                p += density * ratio;
                p_up += density * ratio * small_expm1(t) * whole;
                b += density;
                b_up += density * small_expm1(h - t) * whole;
            }
        }
        const double factor = scale * width;
        remove[i - low] += factor * (p - p_up);
        remove[i - low + 1] += factor * p_up;
        add[i - low] += factor * b_up;
        add[i - low + 1] += factor * (b - b_up);
        start = end;
    }
}

void tributary_coarsen(double h, int64_t count, const double *fine, double *coarse) {
    const double up = expm1(-h) / expm1(-2 * h);
    for (int64_t i = 0; i < count; i++) coarse[i] = fine[2 * i];
    for (int64_t i = 0; i + 1 < count; i++) {
        coarse[i] += (1 - up) * fine[2 * i + 1];
        coarse[i + 1] += up * fine[2 * i + 1];
    }
}

double tributary_exponential_sum(int64_t count, const double *mass, double lambda_h, double offset) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += mass[i] * exp(lambda_h * (double)i + offset);
    return sum;
}

double tributary_log_sum(int64_t n, double a, const double *l, const double *b, double shift, double moments[2]) {
    double sum = 0, first = 0, second = 0;
    for (int64_t i = 0; i < n; i++) {
        const double term = exp(a * l[i] + b[i] - shift);
        sum += term;
        first += term * l[i];
        second += term * l[i] * l[i];
    }
    moments[0] = first;
    moments[1] = second;
    return sum;
}

double tributary_log_peak(int64_t n, double a, const double *l, const double *b) {
    double peak = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        const double value = a * l[i] + b[i];
        peak = value > peak ? value : peak;
    }
    return peak;
}

// r^alpha - 1 - alpha (r - 1) for r = 1 + u; exponent = alpha ln r.
INLINE double power_remainder(double exponent, double u, double alpha) {
    if (fabs(u) < 1e-2 && fabs(u) * alpha < 1e-2) {
        // sum over k >= 2 of C(alpha, k) u^k
        double term = alpha * u, sum = 0;
        for (int k = 2; k < 12; k++) {
            term *= (alpha - (k - 1)) / k * u;
            sum += term;
        }
        return sum;
    }
    return expm1(exponent) - alpha * u;
}

double tributary_renyi_excess(int64_t n, double alpha, const double *loss, const double *increment, const double *density) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += density[i] * power_remainder(alpha * loss[i], increment[i], alpha);
    return sum;
}

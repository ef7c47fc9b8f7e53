#include "CKernels.h"
#include "dispatch.h"

DISPATCHED void tributary_horizontal_forward(int64_t first, int64_t positions, int64_t L, int64_t h, int64_t F,
                                             const float *restrict products, int64_t stride, const float *restrict bias,
                                             float *restrict work, float *restrict out, int64_t out_stride, float *restrict best) {
    const int64_t before = first - L + 1;  // the first start of the first place
    for (int64_t start = 0; start < positions + L - h; start++) {
        float *restrict sum = work + start * F;
        for (int64_t f = 0; f < F; f++) sum[f] = bias[f];
        for (int64_t j = 0; j < h; j++) {
            int64_t event = before + start + j;
            if (event < 0) continue;
            const float *restrict term = products + event * stride + j * F;
            for (int64_t f = 0; f < F; f++) sum[f] += term[f];
        }
    }
    for (int64_t place = 0; place < positions; place++) {
        float *restrict value = out + place * out_stride;
        float *restrict which = best + place * F;
        for (int64_t f = 0; f < F; f++) {
            value[f] = 0;
            which[f] = -1;
        }
        for (int64_t i = 0; i <= L - h; i++) {
            const float *restrict sum = work + (place + i) * F;
            for (int64_t f = 0; f < F; f++) {
                which[f] = sum[f] > value[f] ? (float)i : which[f];
                value[f] = sum[f] > value[f] ? sum[f] : value[f];
            }
        }
    }
}

DISPATCHED void tributary_horizontal_backward(int64_t first, int64_t positions, int64_t L, int64_t h, int64_t F,
                                              const float *restrict gradient, int64_t gradient_stride, const float *restrict best,
                                              float *restrict work, float *restrict product_gradient, int64_t stride,
                                              float *restrict bias_gradient) {
    const int64_t before = first - L + 1;
    memset(work, 0, (size_t)((positions + L - h) * F) * sizeof *work);
    for (int64_t place = 0; place < positions; place++) {
        const float *restrict slope = gradient + place * gradient_stride;
        const float *restrict which = best + place * F;
        for (int64_t f = 0; f < F; f++) {
            if (which[f] >= 0) work[(place + (int64_t)which[f]) * F + f] += slope[f];
        }
    }
    for (int64_t start = 0; start < positions + L - h; start++) {
        const float *restrict sum = work + start * F;
        for (int64_t f = 0; f < F; f++) bias_gradient[f] += sum[f];
        for (int64_t j = 0; j < h; j++) {
            int64_t event = before + start + j;
            if (event >= 0) memcpy(product_gradient + event * stride + j * F, sum, (size_t)F * sizeof *sum);
        }
    }
}

DISPATCHED void tributary_vertical_forward(int64_t first, int64_t positions, int64_t L, int64_t filters, int64_t D,
                                           const float *restrict x, const float *restrict weights, float *restrict out,
                                           int64_t out_stride) {
    FUSED
    for (int64_t place = 0; place < positions; place++) {
        const int64_t before = first + place - L + 1;
        for (int64_t v = 0; v < filters; v++) {
            float *restrict sum = out + place * out_stride + v * D;
            for (int64_t d = 0; d < D; d++) sum[d] = 0;
            for (int64_t i = before < 0 ? -before : 0; i < L; i++) {
                const float weight = weights[v * L + i];
                const float *restrict event = x + (before + i) * D;
                for (int64_t d = 0; d < D; d++) sum[d] += weight * event[d];
            }
        }
    }
}

DISPATCHED void tributary_vertical_backward(int64_t first, int64_t positions, int64_t L, int64_t filters, int64_t D,
                                            const float *restrict x, const float *restrict weights, const float *restrict gradient,
                                            int64_t gradient_stride, float *restrict x_gradient, float *restrict weight_gradient) {
    FAST_SUMS
    for (int64_t place = 0; place < positions; place++) {
        const int64_t before = first + place - L + 1;
        for (int64_t v = 0; v < filters; v++) {
            const float *restrict slope = gradient + place * gradient_stride + v * D;
            for (int64_t i = before < 0 ? -before : 0; i < L; i++) {
                const float weight = weights[v * L + i];
                const float *restrict event = x + (before + i) * D;
                float *restrict event_gradient = x_gradient + (before + i) * D;
                float product = 0;
                for (int64_t d = 0; d < D; d++) {
                    product += slope[d] * event[d];
                    event_gradient[d] += weight * slope[d];
                }
                weight_gradient[v * L + i] += product;
            }
        }
    }
}

DISPATCHED void tributary_rectify(int64_t n, float *x) {
    for (int64_t i = 0; i < n; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

DISPATCHED void tributary_rectify_backward(int64_t n, const float *restrict y, float *restrict gradient) {
    for (int64_t i = 0; i < n; i++) gradient[i] = y[i] > 0 ? gradient[i] : 0;
}

#include "CKernels.h"
#include "dispatch.h"

#include <math.h>

DISPATCHED void tributary_momentum(int64_t n, float rate, float momentum, const float *restrict g, float *restrict v,
                                   float *restrict p) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        float velocity = momentum * v[i] + g[i];
        v[i] = velocity;
        p[i] -= rate * velocity;
    }
}

DISPATCHED void tributary_adagrad(int64_t n, float rate, float epsilon, const float *restrict g, float *restrict s,
                                  float *restrict p) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        float sum = s[i] + g[i] * g[i];
        s[i] = sum;
        p[i] -= rate * g[i] / (__builtin_sqrtf(sum) + epsilon);
    }
}

DISPATCHED void tributary_adam(int64_t n, float rate, float beta1, float beta2, float epsilon, float correction1,
                               float correction2, const float *restrict g, float *restrict m, float *restrict v,
                               float *restrict p) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        float mean = beta1 * m[i] + (1.0f - beta1) * g[i];
        float square = beta2 * v[i] + (1.0f - beta2) * g[i] * g[i];
        m[i] = mean;
        v[i] = square;
        p[i] -= rate * correction1 * mean / (__builtin_sqrtf(square * correction2) + epsilon);
    }
}

DISPATCHED void tributary_adagrad_momentum(int64_t n, float rate, float momentum, float epsilon, const float *restrict g,
                                           float *restrict s, float *restrict v, float *restrict p) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        float sum = s[i] + g[i] * g[i];
        float velocity = momentum * v[i] - rate * g[i] / (__builtin_sqrtf(sum) + epsilon);
        s[i] = sum;
        v[i] = velocity;
        p[i] += velocity;
    }
}

DISPATCHED void tributary_adamw(int64_t n, float rate, float keep, float beta1, float beta2, float epsilon, float correction1,
                                float correction2, const float *restrict g, float *restrict m, float *restrict v,
                                float *restrict p) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        float mean = beta1 * m[i] + (1.0f - beta1) * g[i];
        float square = beta2 * v[i] + (1.0f - beta2) * g[i] * g[i];
        m[i] = mean;
        v[i] = square;
        p[i] = p[i] * keep - rate * correction1 * mean / (__builtin_sqrtf(square * correction2) + epsilon);
    }
}

DISPATCHED void tributary_descend(int64_t n, float rate, float *restrict g, float *restrict p) {
    FUSED
    for (int64_t i = 0; i < n; i++) {
        p[i] -= rate * g[i];
        g[i] = 0;
    }
}

DISPATCHED void tributary_take_change(int64_t n, const float *restrict global, float *restrict local, float *restrict delta) {
    for (int64_t i = 0; i < n; i++) {
        delta[i] = local[i] - global[i];
        local[i] = global[i];
    }
}

#include "CKernels.h"
#include "dispatch.h"

#include <math.h>

DISPATCHED double tributary_cross_entropy(int64_t rows, int64_t n, float *restrict scores, const float *restrict bias,
                                          float *restrict bias_gradient, const int32_t *restrict targets, float weight) {
    FAST_SUMS
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        float largest = -INFINITY;
        if (bias) {
            for (int64_t i = 0; i < n; i++) {
                float value = x[i] + bias[i];
                x[i] = value;
                largest = value > largest ? value : largest;
            }
        } else {
            for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
        }
        float target = x[targets[row]];
        float sum = 0;
        for (int64_t i = 0; i < n; i++) {
            float value = fast_exp(x[i] - largest);
            x[i] = value;
            sum += value;
        }
        loss += (double)logf(sum) + (double)largest - (double)target;
        float factor = weight / sum;
        if (bias_gradient) {
            for (int64_t i = 0; i < n; i++) {
                float value = x[i] * factor;
                x[i] = value;
                bias_gradient[i] += value;
            }
            bias_gradient[targets[row]] -= weight;
        } else {
            for (int64_t i = 0; i < n; i++) x[i] *= factor;
        }
        x[targets[row]] -= weight;
    }
    return loss;
}

DISPATCHED double tributary_sampled_softmax(int64_t rows, int64_t n, float *restrict scores, float *restrict target_scores,
                                            const int32_t *restrict samples, const int32_t *restrict targets,
                                            float weight_of_sample, float weight) {
    FAST_SUMS
    const float shift = logf(weight_of_sample);
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        const int32_t target = targets[row];
        const float target_score = target_scores[row];
        float largest = target_score;
        for (int64_t i = 0; i < n; i++) {
            float value = x[i] + shift;
            value = samples[i] == target ? -INFINITY : value;
            x[i] = value;
            largest = value > largest ? value : largest;
        }
        float sum = 0;
        for (int64_t i = 0; i < n; i++) {
            float value = fast_exp(x[i] - largest);
            value = samples[i] == target ? 0.0f : value;
            x[i] = value;
            sum += value;
        }
        float own = expf(target_score - largest);
        sum += own;
        loss += (double)logf(sum) + (double)largest - (double)target_score;
        float factor = weight / sum;
        for (int64_t i = 0; i < n; i++) x[i] *= factor;
        target_scores[row] = own * factor - weight;
    }
    return loss;
}

// With r the target's score, x_j the samples', s = softmax(x), g_j = sigmoid(r - x_j), A = sum s_j g_j, R = sum s_j x_j^2:
// loss = -log A + lambda R,
// d/dr   = -(1/A) sum s_j g_j (1 - g_j),
// d/dx_j = -(1/A) s_j (g_j - A - g_j (1 - g_j)) + lambda s_j (2 x_j + x_j^2 - R).
DISPATCHED double tributary_bpr_max(int64_t rows, int64_t n, float *restrict scores, float *restrict target_scores,
                                    const int32_t *restrict samples, const int32_t *restrict targets, float regularization,
                                    float weight) {
    FAST_SUMS
    double loss = 0;
    for (int64_t row = 0; row < rows; row++) {
        float *restrict x = scores + row * n;
        const int32_t target = targets[row];
        const float own = target_scores[row];
        float largest = -INFINITY;
        for (int64_t i = 0; i < n; i++) {
            float value = samples[i] == target ? -INFINITY : x[i];
            largest = value > largest ? value : largest;
        }
        if (largest == -INFINITY) {
            for (int64_t i = 0; i < n; i++) x[i] = 0;
            target_scores[row] = 0;
            continue;
        }
        float sum = 0, agreement = 0, slope = 0, squares = 0;
        for (int64_t i = 0; i < n; i++) {
            float share = samples[i] == target ? 0.0f : fast_exp(x[i] - largest);
            float wins = fast_sigmoid(own - x[i]);
            sum += share;
            agreement += share * wins;
            slope += share * wins * (1.0f - wins);
            squares += share * x[i] * x[i];
        }
        // The least agreement keeps the logarithm finite when every sample beats the target by far.
        agreement = agreement / sum;
        agreement = agreement < 1e-24f ? 1e-24f : agreement;
        slope /= sum;
        squares /= sum;
        loss += -(double)logf(agreement) + (double)regularization * (double)squares;
        target_scores[row] = -weight * slope / agreement;
        float inverse = 1.0f / agreement, per_sum = 1.0f / sum;
        for (int64_t i = 0; i < n; i++) {
            float value = x[i];
            float share = samples[i] == target ? 0.0f : fast_exp(value - largest) * per_sum;
            float wins = fast_sigmoid(own - value);
            float ranking = -inverse * share * (wins - agreement - wins * (1.0f - wins));
            float shrinking = regularization * share * (2.0f * value + value * value - squares);
            x[i] = weight * (ranking + shrinking);
        }
    }
    return loss;
}

#include "CKernels.h"
#include "dispatch.h"

DISPATCHED void tributary_gru_forward(int64_t rows, int64_t H, float *restrict gates, const float *restrict hidden_products,
                                      const float *restrict bias, const float *restrict previous, float *restrict reset_input,
                                      float *restrict next) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        float *restrict r = gates + row * 3 * H;
        const float *restrict product = hidden_products + row * 3 * H;
        const float *restrict before = previous + row * H;
        float *restrict inner = reset_input + row * H;
        float *restrict after = next + row * H;
        for (int64_t i = 0; i < H; i++) {
            float reset = fast_sigmoid(r[i] + product[i] + bias[i]);
            float update = fast_sigmoid(r[H + i] + product[H + i] + bias[H + i]);
            float hidden = product[2 * H + i] + bias[2 * H + i];
            float candidate = fast_tanh(r[2 * H + i] + reset * hidden);
            r[i] = reset;
            r[H + i] = update;
            r[2 * H + i] = candidate;
            inner[i] = hidden;
            after[i] = candidate + update * (before[i] - candidate);
        }
    }
}

DISPATCHED void tributary_gru_backward(int64_t rows, int64_t H, const float *state_gradient, const float *restrict gates,
                                       const float *restrict reset_input, const float *restrict previous,
                                       float *restrict input_side, float *restrict hidden_side, float *previous_gradient) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict gate = gates + row * 3 * H;
        const float *restrict inner = reset_input + row * H;
        const float *restrict before = previous + row * H;
        float *restrict left = input_side + row * 3 * H;
        float *restrict right = hidden_side + row * 3 * H;
        const float *after = state_gradient + row * H;
        float *direct = previous_gradient + row * H;
        for (int64_t i = 0; i < H; i++) {
            float reset = gate[i], update = gate[H + i], candidate = gate[2 * H + i];
            float gradient = after[i];
            float to_candidate = gradient * (1.0f - update) * (1.0f - candidate * candidate);
            float to_update = gradient * (before[i] - candidate) * update * (1.0f - update);
            float to_reset = to_candidate * inner[i] * reset * (1.0f - reset);
            left[i] = to_reset;
            left[H + i] = to_update;
            left[2 * H + i] = to_candidate;
            right[i] = to_reset;
            right[H + i] = to_update;
            right[2 * H + i] = to_candidate * reset;
            direct[i] = gradient * update;
        }
    }
}

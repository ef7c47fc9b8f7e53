#include "CKernels.h"
#include "dispatch.h"

DISPATCHED void tributary_lstm_forward(int64_t rows, int64_t H, float *restrict gates, const float *restrict previous_cell,
                                       float *restrict cell, float *restrict next) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        float *restrict gate = gates + row * 4 * H;
        const float *restrict before = previous_cell + row * H;
        float *restrict after = cell + row * H;
        float *restrict state = next + row * H;
        for (int64_t i = 0; i < H; i++) {
            float input = fast_sigmoid(gate[i]);
            float forget = fast_sigmoid(gate[H + i]);
            float candidate = fast_tanh(gate[2 * H + i]);
            float output = fast_sigmoid(gate[3 * H + i]);
            float kept = forget * before[i] + input * candidate;
            gate[i] = input;
            gate[H + i] = forget;
            gate[2 * H + i] = candidate;
            gate[3 * H + i] = output;
            after[i] = kept;
            state[i] = output * fast_tanh(kept);
        }
    }
}

DISPATCHED void tributary_lstm_backward(int64_t rows, int64_t H, const float *restrict state_gradient, const float *restrict gates,
                                        const float *restrict previous_cell, const float *restrict cell,
                                        float *restrict cell_gradient, float *restrict gate_gradient) {
    FUSED
    for (int64_t row = 0; row < rows; row++) {
        const float *restrict gate = gates + row * 4 * H;
        const float *restrict before = previous_cell + row * H;
        const float *restrict after = cell + row * H;
        const float *restrict to_state = state_gradient + row * H;
        float *restrict carried = cell_gradient + row * H;
        float *restrict out = gate_gradient + row * 4 * H;
        for (int64_t i = 0; i < H; i++) {
            float input = gate[i], forget = gate[H + i], candidate = gate[2 * H + i], output = gate[3 * H + i];
            float squashed = fast_tanh(after[i]);
            float to_cell = carried[i] + to_state[i] * output * (1.0f - squashed * squashed);
            out[i] = to_cell * candidate * input * (1.0f - input);
            out[H + i] = to_cell * before[i] * forget * (1.0f - forget);
            out[2 * H + i] = to_cell * input * (1.0f - candidate * candidate);
            out[3 * H + i] = to_state[i] * squashed * output * (1.0f - output);
            carried[i] = to_cell * forget;
        }
    }
}

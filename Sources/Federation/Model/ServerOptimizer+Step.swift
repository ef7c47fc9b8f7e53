/// What a server optimiser remembers between rounds; d values each, empty when the rule does not use them.
public struct ServerOptimizerState: Sendable, Hashable {
    /// m (FedAdam, FedYogi, FedAdagrad) or the velocity v of FedAvgM.
    public var momentum: [Float]
    /// v of FedAdam, FedYogi and FedAdagrad.
    public var variance: [Float]
    public init(momentum: [Float], variance: [Float]) {
        self.momentum = momentum
        self.variance = variance
    }
}

extension ServerOptimizer {
    /// Whether the rule keeps m, and whether it keeps v.
    public var keepsMomentum: Bool {
        switch self {
        case .fedAvg, .fedAdagrad, .replace: false
        case .fedAvgM, .fedAdam, .fedYogi: true
        }
    }
    public var keepsVariance: Bool {
        switch self {
        case .fedAvg, .fedAvgM, .replace: false
        case .fedAdam, .fedYogi, .fedAdagrad: true
        }
    }

    /// The state before the first round: m = 0 and v = τ² (Reddi et al. 2021, alg. 2, asks for v₋₁ ≥ τ²).
    /// - Parameter dimension: d.
    public func initialState(dimension: Int) -> ServerOptimizerState {
        let variance: Float =
            switch self {
            case .fedAvg, .fedAvgM, .replace: 0
            case .fedAdam(_, _, _, let tau), .fedYogi(_, _, _, let tau), .fedAdagrad(_, let tau): tau * tau
            }
        return ServerOptimizerState(
            momentum: keepsMomentum ? [Float](repeating: 0, count: dimension) : [],
            variance: keepsVariance ? [Float](repeating: variance, count: dimension) : [])
    }

    /// One step, elementwise in Float32 with + − × ÷ √ only, each rounded by itself, so that every machine gets the same bits.
    /// - Parameters:
    ///   - parameters: θ, d values.
    ///   - state: as ``initialState(dimension:)`` made it and earlier steps left it.
    ///   - delta: Δ, the pseudo-gradient: the mean update, d values; it points where the loss falls.
    public func step(_ parameters: inout [Float], _ state: inout ServerOptimizerState, delta: [Float]) {
        precondition(parameters.count == delta.count, "as many parameters as pseudo-gradient values")
        precondition(state.momentum.count == (keepsMomentum ? delta.count : 0) && state.variance.count == (keepsVariance ? delta.count : 0))
        switch self {
        case .fedAvg(let rate):
            for i in delta.indices { parameters[i] = parameters[i] + rate * delta[i] }
        case .replace:
            parameters = delta
        case .fedAvgM(let rate, let beta):
            for i in delta.indices {
                let velocity = beta * state.momentum[i] + delta[i]
                state.momentum[i] = velocity
                parameters[i] = parameters[i] + rate * velocity
            }
        case .fedAdam(let rate, let beta1, let beta2, let tau):
            adaptiveStep(&parameters, &state, delta, rate, beta1, tau) { v, squared in beta2 * v + (1 - beta2) * squared }
        case .fedYogi(let rate, let beta1, let beta2, let tau):
            adaptiveStep(&parameters, &state, delta, rate, beta1, tau) { v, squared in
                let change = (1 - beta2) * squared
                return v > squared ? v - change : v < squared ? v + change : v
            }
        case .fedAdagrad(let rate, let tau):
            for i in delta.indices {
                let v = state.variance[i] + delta[i] * delta[i]
                state.variance[i] = v
                parameters[i] = parameters[i] + rate * delta[i] / (v.squareRoot() + tau)
            }
        }
    }

    @inline(__always)
    private func adaptiveStep(
        _ parameters: inout [Float], _ state: inout ServerOptimizerState, _ delta: [Float], _ rate: Float, _ beta1: Float, _ tau: Float,
        variance: (Float, Float) -> Float
    ) {
        for i in delta.indices {
            let m = beta1 * state.momentum[i] + (1 - beta1) * delta[i]
            let v = variance(state.variance[i], delta[i] * delta[i])
            state.momentum[i] = m
            state.variance[i] = v
            parameters[i] = parameters[i] + rate * m / (v.squareRoot() + tau)
        }
    }
}

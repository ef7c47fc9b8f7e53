/// How the server's learning rate falls towards the end of a run: η until `start` of the rounds are over, then along a line to η · `end`
/// in the last round. Noise of small cohorts averages out as steps shrink (Reddi et al. 2021, section 5, decay theirs exponentially).
public struct ServerDecay: Sendable, Hashable {
    /// Share of the rounds with the full rate; [0, 1).
    public var start: Float
    /// Share of the rate that is left in the last round; (0, 1].
    public var end: Float

    public init(start: Float = 0, end: Float = 0.05) {
        self.start = start
        self.end = end
    }

    /// The factor on the learning rate, of + − × ÷ only, so that every machine gets the same bits.
    /// - Parameters:
    ///   - round: 1, 2, …, attempts that were abandoned included.
    ///   - rounds: of the plan.
    public func factor(round: Int, of rounds: Int) -> Float {
        let begin = start * Float(rounds)
        let passed = Float(min(round, rounds)) - begin
        if passed <= 0 { return 1 }
        return 1 - (1 - end) * (passed / (Float(rounds) - begin))
    }
}

extension Plan {
    /// The rule of a round: the plan's, with the learning rate of that round.
    public func serverOptimizer(in round: RoundNumber) -> ServerOptimizer {
        guard let serverDecay else { return serverOptimizer }
        return serverOptimizer.scaled(by: serverDecay.factor(round: round.value, of: rounds))
    }
}

extension ServerOptimizer {
    /// The rule with another learning rate; a rule that has none stays as it is.
    func scaled(by factor: Float) -> ServerOptimizer {
        switch self {
        case .fedAvg(let rate): .fedAvg(learningRate: rate * factor)
        case .fedAvgM(let rate, let momentum): .fedAvgM(learningRate: rate * factor, momentum: momentum)
        case .fedAdam(let rate, let beta1, let beta2, let tau): .fedAdam(learningRate: rate * factor, beta1: beta1, beta2: beta2, tau: tau)
        case .fedYogi(let rate, let beta1, let beta2, let tau): .fedYogi(learningRate: rate * factor, beta1: beta1, beta2: beta2, tau: tau)
        case .fedAdagrad(let rate, let tau): .fedAdagrad(learningRate: rate * factor, tau: tau)
        case .replace: .replace
        }
    }
}

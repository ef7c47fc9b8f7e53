/// How often and when a call is repeated that failed because nobody answered.
public struct RetryPolicy: Sendable, Hashable {
    /// Calls altogether; ≥ 1.
    public var attempts: Int
    public var initialDelay: Duration
    public var maximumDelay: Duration
    /// Each delay is the one before times this; ≥ 1.
    public var multiplier: Double
    /// Delays are spread by ± this part of themselves, so that nodes do not come back all at once; 0…1.
    public var jitter: Double

    public init(
        attempts: Int = 6, initialDelay: Duration = .milliseconds(500), maximumDelay: Duration = .seconds(15), multiplier: Double = 2,
        jitter: Double = 0.25
    ) {
        precondition(attempts >= 1 && multiplier >= 1 && (0...1).contains(jitter))
        self.attempts = attempts
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.multiplier = multiplier
        self.jitter = jitter
    }

    /// The delay after the n-th failure, n ≥ 1, without the spread.
    package func plainDelay(afterFailure n: Int) -> Duration {
        var delay = initialDelay
        for _ in 1..<max(n, 1) where delay < maximumDelay { delay = delay * multiplier }
        return min(delay, maximumDelay)
    }

    func delay(afterFailure n: Int) -> Duration {
        plainDelay(afterFailure: n) * Double.random(in: (1 - jitter)...(1 + jitter))
    }
}

/// What one side of a comparison came to.
public struct Measured: Codable, Sendable {
    /// Library and version.
    public var name: String
    /// Wall seconds of each repetition, in order; of a search the median of its queries.
    public var seconds: [Double]
    /// User and system seconds of the median repetition.
    public var cpuSeconds: Double
    /// Of a repetition.
    public var units: Double
    /// 99th percentile of the single calls of all repetitions, where these are measured.
    public var p99: Double?
    public var loss: Double?
    public var ndcg: Double?
    public var recall: Double?

    enum CodingKeys: String, CodingKey {
        case name, seconds, units, p99, loss
        case cpuSeconds = "cpu_seconds"
        case ndcg = "ndcg@10"
        case recall = "recall@10"
    }

    /// From a side's lines; `nil` when it did not run.
    public init?(name: String, repetitions: [TurnMessage], final: TurnMessage?) {
        guard !repetitions.isEmpty else { return nil }
        self.name = name
        seconds = repetitions.map { $0.latencies.map { Quantile.median($0) } ?? $0.seconds ?? 0 }
        cpuSeconds = Quantile.median(repetitions.compactMap(\.cpu))
        units = Quantile.median(repetitions.compactMap(\.units))
        let calls = repetitions.flatMap { $0.latencies ?? [] }
        p99 = calls.isEmpty ? nil : Quantile.of(calls, at: 0.99)
        loss = final?.loss ?? repetitions.last?.loss
        ndcg = final?.ndcg
        recall = final?.recall
    }

    public var median: Double { Quantile.median(seconds) }
    /// Seconds of one unit; a query's are its own.
    public var secondsPerUnit: Double { p99 == nil ? median / max(units, 1) : median }
    /// Shortest and longest.
    public var range: ClosedRange<Double> { (seconds.min() ?? 0)...(seconds.max() ?? 0) }
}

/// Order statistics.
enum Quantile {
    static func median(_ values: [Double]) -> Double { of(values, at: 0.5) }

    /// Linear between the neighbouring values; 0 without any.
    static func of(_ values: [Double], at share: Double) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let place = share * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}

/// A row of the table: ours and the peer on one task.
public struct ComparisonRow: Codable, Sendable {
    /// The task, with its size where there are several.
    public var task: String
    public var unit: String
    public var threads: Int
    public var ours: Measured?
    public var peer: Measured?
    /// Why ours or the peer is absent.
    public var absent: String?
    /// The peer's median time over ours: how many times faster ours is.
    public var ratio: Double?
    /// The same of the processor time of all threads: what the ratio would be on a machine with nothing else to do, roughly.
    public var cpuRatio: Double?
    /// The smallest and largest ratio of a repetition to the one that took turns with it.
    public var ratioRange: [Double]?
    /// The share of the machine's peak that ours reaches, as measured in the same run.
    public var peakShare: Double?
    /// The peak: `products` or `reading`.
    public var peak: String?

    enum CodingKeys: String, CodingKey {
        case task, unit, threads, ours, peer, absent, ratio, peak
        case cpuRatio = "cpu_ratio"
        case ratioRange = "ratio_range"
        case peakShare = "peak_share"
    }

    /// - Parameter work: of a unit, and the peak it is held against: floating-point operations and 10⁹ of them a second, or bytes
    ///   that a query reads and GB/s.
    public init(
        task: String, unit: String, threads: Int, ours: Measured?, peer: Measured?, absent: String?,
        work: (perUnit: Double, peak: Double, name: String)?
    ) {
        self.task = task
        self.unit = unit
        self.threads = threads
        self.ours = ours
        self.peer = peer
        self.absent = absent
        guard let ours, ours.median > 0 else { return }
        if let work, work.peak > 0 {
            peakShare = work.perUnit * 1e-9 / ours.secondsPerUnit / work.peak
            peak = work.name
        }
        guard let peer else { return }
        // Sides may do differently many units in a repetition: a slow peer does not repeat for minutes.
        let scale = ours.secondsPerUnit / ours.median / (peer.secondsPerUnit / peer.median)
        ratio = peer.median / ours.median / scale
        if ours.cpuSeconds > 0, peer.cpuSeconds > 0, ours.p99 == nil { cpuRatio = peer.cpuSeconds / ours.cpuSeconds / scale }
        let pairs = zip(ours.seconds, peer.seconds).map { $1 / $0 / scale }
        if let low = pairs.min(), let high = pairs.max() { ratioRange = [low, high] }
    }

    /// Whether the qualities are within 2 % of each other; `nil` when they are not compared.
    public var isAsGood: Bool? {
        guard let ours = ours?.ndcg, let peer = peer?.ndcg, peer > 0 else { return nil }
        return abs(ours / peer - 1) <= 0.02
    }
}

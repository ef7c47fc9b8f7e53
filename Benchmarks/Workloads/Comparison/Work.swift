internal import Interactions

/// How much arithmetic a repetition cannot avoid, from the sizes of the workload alone: no padding, products only, the derivative
/// counted as twice the forward pass. A share of the peak above 1 is impossible; what is missing to 1 is everything else.
public enum Work {
    /// Floating-point operations of one unit of a task whose limit is products, on the average; `nil` for tasks that have another limit.
    public static func operationsPerUnit(_ task: BenchmarkTask, _ workload: InteractionWorkload) -> Double? {
        let train = workload.split.train
        let windows = task == .privateUser ? (0..<train.userCount).flatMap { windowLengths(of: train[$0].count, length: task.length) }
            : (0..<train.userCount).map { min(task.length, max(0, train[$0].count - 1)) }
        let lengths = windows.map(Double.init)
        let positions = lengths.reduce(0, +)
        let items = Double(workload.itemCount)
        switch task {
        case .sasrecCE50, .sasrecCE200: return (sasrec(lengths) + scores(positions, items, width: 64)) / positions
        case .sasrecBCE50: return (sasrec(lengths) + scores(positions, 2, width: 64)) / positions
        case .gru4recCE: return (gru(positions) + scores(positions, items, width: 100)) / positions
        case .gru4recSampled: return (gru(positions) + scores(positions, 513, width: 100)) / positions
        case .privateWindow, .privateUser: return (sasrec(lengths) + scores(positions, 2, width: 64)) / Double(lengths.count)
        case .ials, .bpr, .sgns, .searchFlat, .searchHNSW: return nil
        }
    }

    /// Two blocks of width 64: projections and a feed-forward layer as wide as the model, and causal attention over half the square.
    private static func sasrec(_ lengths: [Double]) -> Double {
        let (width, blocks) = (64.0, 2.0)
        return lengths.reduce(0) { $0 + 3 * blocks * ($1 * 2 * 6 * width * width + $1 * ($1 + 1) / 2 * 2 * 2 * width) }
    }

    private static func gru(_ positions: Double) -> Double { 3 * positions * 2 * (3 * 100 * 100 + 3 * 100 * 100) }

    private static func scores(_ positions: Double, _ items: Double, width: Double) -> Double { 3 * 2 * positions * items * width }

    /// Targets of each window when a user's events are cut into consecutive windows, the last event of one read first by the next.
    private static func windowLengths(of events: Int, length: Int) -> [Int] {
        let targets = max(0, events - 1)
        return [Int](repeating: length, count: targets / length) + (targets % length > 0 ? [targets % length] : [])
    }
}

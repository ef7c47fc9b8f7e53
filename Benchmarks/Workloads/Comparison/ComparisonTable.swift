internal import Foundation

/// All rows of a run as text.
public struct ComparisonTable: Sendable {
    public var machine: Machine
    public var workload: String
    public var rows: [ComparisonRow]

    public init(machine: Machine, workload: String, rows: [ComparisonRow] = []) {
        self.machine = machine
        self.workload = workload
        self.rows = rows
    }

    public var text: String {
        let head = ["task", "ours", "min–max", "units/s", "of peak", "peer", "", "min–max", "ratio", "min–max", "CPU", "quality ours / peer"]
        let cells = [head] + rows.map(Self.cells)
        let widths = head.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        let lines = cells.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 || column == 5 || column == 11 ? cell + space : space + cell
            }.joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
        return ([machine.summary, workload] + lines).joined(separator: "\n")
    }

    /// A row alone, for while the others are still to come.
    public static func line(_ row: ComparisonRow) -> String { cells(row).filter { !$0.isEmpty }.joined(separator: "  ") }

    private static func cells(_ row: ComparisonRow) -> [String] {
        let (ours, peer) = (row.ours, row.peer)
        return [
            row.task,
            ours.map { time($0.median, p99: $0.p99) } ?? "–",
            ours.map { range($0.range) } ?? "",
            ours.map { count(1 / $0.secondsPerUnit) } ?? "",
            row.peakShare.map { "\(Int(($0 * 100).rounded())) %" } ?? "–",
            peer?.name ?? "absent",
            peer.map { time($0.median, p99: $0.p99) } ?? "–",
            peer.map { range($0.range) } ?? "",
            row.ratio.map { number($0) + " ×" } ?? "–",
            row.ratioRange.map { "\(number($0[0]))–\(number($0[1]))" } ?? "",
            row.cpuRatio.map { number($0) + " ×" } ?? "",
            quality(row),
        ]
    }

    private static func quality(_ row: ComparisonRow) -> String {
        func pair(_ name: String, _ value: (Measured) -> Double?) -> String? {
            let values = [row.ours, row.peer].map { $0.flatMap(value) }
            if values.allSatisfy({ $0 == nil }) { return nil }
            return name + " " + values.map { $0.map { String(format: "%.4f", $0) } ?? "–" }.joined(separator: " / ")
        }
        let parts = [pair("loss") { $0.loss }, pair("NDCG") { $0.ndcg }, pair("recall") { $0.recall }].compactMap { $0 }
        let verdict = row.isAsGood == false ? ["apart by more than 2 %"] : []
        let missing = row.ours == nil || row.peer == nil ? [] : verdict
        return (parts + missing + [row.absent].compactMap { $0 }).joined(separator: ", ")
    }

    private static func time(_ seconds: Double, p99: Double?) -> String {
        guard let p99 else { return time(seconds) }
        return "\(time(seconds)) (p99 \(time(p99)))"
    }

    private static func time(_ seconds: Double) -> String {
        seconds < 1e-3 ? number(seconds * 1e6) + " µs" : seconds < 1 ? number(seconds * 1e3) + " ms" : number(seconds) + " s"
    }

    private static func range(_ range: ClosedRange<Double>) -> String { "\(time(range.lowerBound))–\(time(range.upperBound))" }

    private static func count(_ value: Double) -> String {
        value >= 1e6 ? number(value * 1e-6) + " M" : value >= 1e4 ? number(value * 1e-3) + " k" : number(value)
    }

    /// Three digits.
    private static func number(_ value: Double) -> String {
        value >= 100 ? String(format: "%.0f", value) : value >= 10 ? String(format: "%.1f", value) : String(format: "%.2f", value)
    }
}

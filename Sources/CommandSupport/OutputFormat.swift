public import ArgumentParser
import FoundationEssentials

/// How a command prints its answer.
public enum OutputFormat: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// Tables and sentences for people.
    case text
    /// One JSON value per line for programs.
    case json
}

/// The option every command with a table shares.
public struct OutputOptions: ParsableArguments {
    @Option(name: .long, help: "How to print: text or json.")
    public var format: OutputFormat = .text
    public init() {}
}

extension Encodable {
    /// One line of JSON with sorted keys.
    public func jsonLine() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// A table for people: columns as wide as their widest cell, numbers to the right.
public struct TextTable: Sendable {
    public enum Alignment: Sendable { case left, right }
    public var columns: [(title: String, alignment: Alignment)]
    public private(set) var rows: [[String]] = []

    public init(_ columns: [(title: String, alignment: Alignment)]) { self.columns = columns }

    /// - Parameter cells: one per column.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has one cell per column")
        rows.append(cells)
    }

    public func rendered() -> String {
        let widths = columns.indices.map { column in ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].count)
                return columns[column].alignment == .left ? cells[column] + space : space + cells[column]
            }
            var text = padded.joined(separator: "  ")
            while text.last == " " { text.removeLast() }
            return text
        }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, widths.count - 1))
        return ([line(columns.map(\.title)), rule] + rows.map(line)).joined(separator: "\n")
    }
}

/// A number with a fixed count of decimals, without locale.
public func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 0x1p53 else { return "\(value)" }
    let whole = UInt64(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + String(whole) }
    let digits = String(whole)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// Bytes for people: 1,536 is `1.5 KiB`.
public func byteText(_ count: Int) -> String {
    var value = Double(count)
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024 || unit == "GiB" { return unit == "B" ? "\(count) B" : decimal(value, 1) + " " + unit }
        value /= 1024
    }
    return "\(count) B"
}

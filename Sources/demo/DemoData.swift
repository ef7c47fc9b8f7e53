import CommandSupport
import FoundationEssentials

/// The events of every node as files, and the catalog.
struct DemoData: Sendable {
    struct Node: Sendable {
        /// Name in the federation.
        var name: String
        var users: Int
        /// What `edge-node import` is given.
        var importArguments: [String]
        /// Events of this node as a plain file, to look users up.
        var file: String
    }
    var nodes: [Node]
    var catalog: String
    /// Arguments of `simulate baseline` for all events together.
    var pooled: [String]
    var summary: String

    private struct Report: Decodable {
        struct Silo: Decodable { var name: String, users: Int, events: Int }
        struct LeftOut: Decodable { var name: String, users: Int }
        var users: Int
        var items: Int
        var events: Int
        var silos: [Silo]
        var read: [String]?
        var left_out: [LeftOut]?
        var users_in_several_silos: [String]?
    }

    /// Makes the files with `simulate`.
    static func prepare(_ options: Demo, simulate: Tool, in directory: String) async throws -> DemoData {
        let silos = directory + "/silos"
        guard let source = options.data else {
            let world = ["generate", "--users", "\(options.users)", "--items", "\(options.items)", "--seed", "\(options.seed)", "--format", "json"]
            let report = try await first(simulate.values(Report.self, world + ["--silos", "\(options.nodes)", "--output-directory", silos]))
            _ = try await simulate.values(Report.self, world + ["--silos", "1", "--output-directory", directory + "/pooled"])
            let pooled = try files(in: directory + "/pooled").first { $0 != "catalog.csv" } ?? ""
            return DemoData(
                nodes: report.silos.enumerated().map { index, silo in
                    Node(name: "node-\(index + 1)", users: silo.users, importArguments: ["\(silos)/\(silo.name).csv"], file: "\(silos)/\(silo.name).csv")
                },
                catalog: silos + "/catalog.csv", pooled: ["--data", directory + "/pooled/" + pooled],
                summary: "synthetic world, seed \(options.seed): \(report.users) users, \(report.items) items, \(report.events) events")
        }
        var split = ["split", source, "--input-format", options.inputFormat, "--seed", "\(options.seed)", "--format", "json", "--output-directory", silos]
        let read = options.columns.splitArguments
        split += read
        if let column = options.columns.siloColumn {
            split += ["--silo-column", column, "--minimum-users", "\(options.columns.minimumUsers)"]
        } else {
            split += ["--silos", "\(options.nodes)"]
        }
        let report = try await first(simulate.values(Report.self, split))
        var summary = "\(source): \(report.users) users, \(report.items) items, \(report.events) events"
        for line in report.read ?? [] { summary += "\n  \(line)" }
        if let leftOut = report.left_out, !leftOut.isEmpty {
            summary += "\n  left out, fewer than \(options.columns.minimumUsers) users: \(leftOut.map { "\($0.name) (\($0.users))" }.joined(separator: ", "))"
        }
        if let twice = report.users_in_several_silos, !twice.isEmpty {
            summary += "\n  \(twice.count) users are users of two nodes and break “one user, one node”: \(twice.joined(separator: ", "))"
        }
        let nodes = report.silos.enumerated().map { index, silo in
            // With a silo column every node takes its own rows of the shared file, as it stands.
            let own = options.columns.siloColumn.map { column in
                [source] + (options.inputFormat == "auto" ? [] : ["--format", options.inputFormat]) + options.columns.importArguments + ["--where", "\(column) = \(silo.name)"]
            }
            return Node(
                name: options.columns.siloColumn == nil ? "node-\(index + 1)" : nodeName(silo.name), users: silo.users,
                importArguments: own ?? ["\(silos)/\(silo.name).csv"], file: "\(silos)/\(silo.name).csv")
        }
        return DemoData(
            nodes: nodes, catalog: silos + "/catalog.csv", pooled: ["--data", source, "--input-format", options.inputFormat] + read, summary: summary)
    }

    private static func first(_ reports: [Report]) throws -> Report {
        guard let report = reports.first else { throw CommandFailure(.internalError, "simulate printed nothing") }
        return report
    }

    private static func files(in directory: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory).sorted() }

    /// `United Kingdom` becomes `united-kingdom`.
    private static func nodeName(_ text: String) -> String {
        String(text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }
}

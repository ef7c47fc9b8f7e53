import ArgumentParser
import CommandSupport
import Foundation

extension Demo {
    private struct Baseline: Decodable {
        var hitRate: Double
        var ndcg: Double
        enum CodingKeys: String, CodingKey {
            case hitRate = "hr@10"
            case ndcg = "ndcg@10"
        }
    }

    func run() async throws {
        try await reportingFailures({ _ in .failure }) {
            let place = try workingDirectory()
            defer { if directory == nil { try? FileManager.default.removeItem(atPath: place) } }
            let tools = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/"
            let simulate = Tool(path: tools + "simulate")
            let data = try await DemoData.prepare(self, simulate: simulate, in: place)
            StandardStreams.output(data.summary)
            StandardStreams.output("nodes: " + data.nodes.map { "\($0.name) (\($0.users) users)" }.joined(separator: ", "))
            let federation = DemoFederation(coordinator: Tool(path: tools + "coordinator"), edgeNode: Tool(path: tools + "edge-node"), directory: place, data: data)
            try await federation.initialise()
            let runs = try await federation.withCoordinator { port in
                var runs: [DemoRun] = []
                for node in data.nodes { try await federation.enrol(node, port: port) }
                for mode in privacy.map({ [$0] }) ?? [.local, .off] { runs.append(try await train(mode, in: federation)) }
                return runs
            }
            let popularity = try await baseline("popularity", simulate, data)
            let markov = try await baseline("markov", simulate, data)
            StandardStreams.output(Self.comparison(runs, popularity: popularity, markov: markov))
            for node in data.nodes.prefix(1) { try await DemoRecommendations.show(node, in: federation) }
            if directory != nil { StandardStreams.output("\neverything is in \(place): logs, databases, certificates, plans") }
            guard check else { return }
            for run in runs {
                let floor = run.mode == .off ? markov : popularity
                guard run.ndcg > floor.ndcg else {
                    throw CommandFailure(.failure, "the run with privacy \(run.mode.rawValue) reached NDCG@10 \(decimal(run.ndcg, 4)), not above \(decimal(floor.ndcg, 4))")
                }
            }
        }
    }

    private func workingDirectory() throws -> String {
        let place = directory ?? FileManager.default.temporaryDirectory.appending(path: "tributary-demo-\(UUID().uuidString.prefix(8))").path
        if let content = try? FileManager.default.contentsOfDirectory(atPath: place), !content.isEmpty {
            throw CommandFailure(.cannotCreate, "\(place) is not empty: choose another --directory")
        }
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        return URL(filePath: place).path
    }

    private func baseline(_ model: String, _ simulate: Tool, _ data: DemoData) async throws -> Baseline {
        let figures = try await simulate.values(Baseline.self, ["baseline", "--model", model, "--format", "json"] + data.pooled)
        guard let figure = figures.last else { throw CommandFailure(.internalError, "simulate baseline printed nothing") }
        return figure
    }

    private func train(_ mode: Privacy, in federation: DemoFederation) async throws -> DemoRun {
        let nodes = federation.data.nodes.count
        let yaml = mode == .off ? DemoPlans.openPlan(self, nodes: nodes) : DemoPlans.privatePlan(self, mode: mode.rawValue, nodes: nodes)
        let line = ProgressLine()
        if mode == .off { line.keep("privacy OFF: updates are not protected in this run", red: true) } else { line.keep("privacy \(mode.rawValue), user level, ε ≤ \(epsilon) at δ = \(delta)") }
        let plan = try await federation.start(yaml, named: "plan-\(mode.rawValue)")
        let record = DemoRecord(plan: plan, nodes: nodes) { text, passing in passing ? line.passing(text) : line.keep(text) }
        try await federation.attend(record, mode: mode.rawValue, epsilon: epsilon, delta: delta)
        line.passing("")
        return try await DemoRun(mode: mode, plan: plan, record: record, federation: federation)
    }

    private static func comparison(_ runs: [DemoRun], popularity: Baseline, markov: Baseline) -> String {
        var table = TextTable([("", .left), ("HR@10", .right), ("NDCG@10", .right)])
        table.add(["popularity, pooled", decimal(popularity.hitRate, 4), decimal(popularity.ndcg, 4)])
        table.add(["first-order Markov, pooled", decimal(markov.hitRate, 4), decimal(markov.ndcg, 4)])
        for run in runs {
            let name = run.mode == .off ? "federated GRU4Rec, privacy off" : "federated GRU4Rec, privacy \(run.mode.rawValue), ε = \(decimal(run.rows.last?.epsilon ?? 0, 2))"
            table.add([name, decimal(run.hitRate, 4), decimal(run.ndcg, 4)])
        }
        return "\n" + table.rendered() + "\nleave-one-out (last event) · candidates full · seen removed · ties mid-rank"
    }
}

/// A line that changes on a terminal and is left out in a pipe, and lines that stay.
struct ProgressLine: Sendable {
    func passing(_ text: String) {
        if StandardStreams.outputIsTerminal { StandardStreams.outputFragment("\r\u{1B}[K" + text) }
    }
    func keep(_ text: String, red: Bool = false) {
        let terminal = StandardStreams.outputIsTerminal
        StandardStreams.output((terminal ? "\r\u{1B}[K" : "") + (red && terminal ? "\u{1B}[1;31m\(text)\u{1B}[0m" : text))
    }
}

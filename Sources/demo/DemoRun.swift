import CommandSupport

/// One finished run and its table.
struct DemoRun: Sendable {
    struct Row: Sendable {
        var round: Int
        var loss: Double?
        var hitRate: Double
        var ndcg: Double
        /// ε spent on a user of the node that spent most, after this round; `nil` with privacy off.
        var epsilon: Double?
        var bytes: Int
        var seconds: Double
    }
    var mode: Demo.Privacy
    var rows: [Row]
    var hitRate: Double { rows.last?.hitRate ?? 0 }
    var ndcg: Double { rows.last?.ndcg ?? 0 }

    private struct Status: Decodable {
        struct Round: Decodable { var round: Int, state: String, bytes: Int, seconds: Double?, loss: Double? }
        var state: String
        var reason: String?
        var records: [Round]
    }
    private struct Entry: Decodable { var plan: String?, round: Int?, epsilonAfter: Double? }

    /// Gathers what the coordinator and the nodes know of the plan, and prints the table.
    init(mode: Demo.Privacy, plan: String, record: DemoRecord, federation: DemoFederation) async throws {
        self.mode = mode
        guard let status = try await federation.coordinator.values(Status.self, ["plan", "status", "--directory", federation.home, "--format", "json"]).last else {
            throw CommandFailure(.internalError, "coordinator plan status printed nothing")
        }
        guard status.state == "finished" else { throw CommandFailure(.failure, "the plan ended as \(status.state): \(status.reason ?? "see the coordinator's log")") }
        var epsilon: [Int: Double] = [:]
        if mode != .off {
            for node in federation.data.nodes {
                let ledger = try await federation.edgeNode.values(Entry.self, ["privacy", "--entries", "--directory", federation.home(of: node), "--format", "json"])
                for entry in ledger where entry.plan == plan {
                    if let round = entry.round, let after = entry.epsilonAfter { epsilon[round] = max(epsilon[round] ?? 0, after) }
                }
            }
        }
        rows = []
        for round in status.records where round.state == "published" {
            guard let means = await record.evaluation(ofRound: round.round) else { continue }
            let loss = if let loss = round.loss { loss as Double? } else { await record.loss(ofRound: round.round) }
            rows.append(
                Row(
                    round: round.round, loss: loss, hitRate: means.hitRate, ndcg: means.meanNDCG, epsilon: epsilon[round.round], bytes: round.bytes,
                    seconds: round.seconds ?? 0))
        }
        StandardStreams.output(table.rendered())
    }

    private var table: TextTable {
        var table = TextTable([
            ("round", .right), ("loss", .right), ("HR@10", .right), ("NDCG@10", .right), ("ε spent", .right), ("bytes", .right), ("seconds", .right),
        ])
        for row in rows {
            table.add([
                "\(row.round)", row.loss.map { decimal($0, 4) } ?? "–", decimal(row.hitRate, 4), decimal(row.ndcg, 4), row.epsilon.map { decimal($0, 3) } ?? "∞",
                byteText(row.bytes), decimal(row.seconds, 1),
            ])
        }
        return table
    }
}

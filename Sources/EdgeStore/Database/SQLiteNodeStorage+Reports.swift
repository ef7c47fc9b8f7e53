public import EdgeRuntime
internal import Federation
internal import Foundation
internal import GRDB

extension SQLiteNodeStorage {
    public func saveReport(_ report: LocalReport) async throws {
        let model: ModelReference? = if case .model(let model) = report.scorer { model } else { nil }
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO report (plan, scorer, round, digest, byteCount, users, hitsAt10, ndcgAt10, reciprocalRank, time)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (plan, scorer, round) DO UPDATE SET digest = excluded.digest, byteCount = excluded.byteCount,
                        users = excluded.users, hitsAt10 = excluded.hitsAt10, ndcgAt10 = excluded.ndcgAt10,
                        reciprocalRank = excluded.reciprocalRank, time = excluded.time
                    """,
                arguments: [
                    report.plan.data, report.scorer.name, model?.round ?? 0, model?.digest.data, model?.byteCount, report.users,
                    report.hitsAt10, report.ndcgAt10, report.reciprocalRank, report.time.milliseconds,
                ])
        }
    }

    public func reports() async throws -> [LocalReport] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT report.* FROM report JOIN (SELECT plan, MIN(sequence) AS first FROM report GROUP BY plan) AS start ON start.plan = report.plan
                    ORDER BY start.first, report.scorer, report.round
                    """
            ).map(Self.report)
        }
    }

    private static func report(_ row: Row) throws -> LocalReport {
        let scorer: LocalReport.Scorer =
            switch row["scorer"] as String {
            case "popularity": .popularity
            case "markov": .markov
            default: .model(ModelReference(round: row["round"], digest: try Digest(stored: row["digest"]), byteCount: row["byteCount"]))
            }
        return LocalReport(
            plan: try Digest(stored: row["plan"]), scorer: scorer, users: row["users"], hitsAt10: row["hitsAt10"], ndcgAt10: row["ndcgAt10"],
            reciprocalRank: row["reciprocalRank"], time: WallTime(milliseconds: row["time"]))
    }
}

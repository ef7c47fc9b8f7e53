import CommandSupport
import Federation
import Foundation
import Simulator

/// What `simulate run` prints and writes.
struct SimulationReport {
    /// One line of `rounds.json`.
    struct Round: Encodable {
        var round: Int
        var outcome: String
        var model: String?
        var cohort: Int
        var contributors: Int
        var loss: Double?
        var hr10: Double?
        var ndcg10: Double?
        var users: Int
        var epsilon: Double
        var bytes: Int
        var seconds: Double

        enum CodingKeys: String, CodingKey {
            case round, outcome, model, cohort, contributors, loss
            case hr10 = "hr@10", ndcg10 = "ndcg@10"
            case users, epsilon, bytes, seconds
        }
    }
    struct Summary: Encodable {
        var plan: String
        var planDigest: String
        var privacy: String
        var seed: UInt64
        var silos: Int
        var publishedRounds: Int
        var abandonedRounds: Int
        var finalModel: String
        var coordinatorStarts: Int
        var virtualSeconds: Double
        var evaluation = "test: last event of each user with 3 or more; candidates: full catalog; seen items removed; ties at mid-rank"

        enum CodingKeys: String, CodingKey {
            case plan, planDigest = "plan_digest", privacy, seed, silos, publishedRounds = "published_rounds", abandonedRounds = "abandoned_rounds"
            case finalModel = "final_model", coordinatorStarts = "coordinator_starts", virtualSeconds = "virtual_seconds", evaluation = "protocol"
        }
    }
    var rounds: [Round]
    var summary: Summary

    init(_ result: SimulationResult, plan: Plan, seed: UInt64, silos: Int) {
        rounds = result.rounds.map { round in
            Round(
                round: round.round.value, outcome: round.model == nil ? "abandoned: \(round.abandonReason ?? "unknown")" : "published", model: round.model?.digest.hex,
                cohort: round.cohort.count, contributors: round.contributors.count, loss: round.loss, hr10: round.hitRateAt10, ndcg10: round.ndcgAt10,
                users: round.evaluatedUsers, epsilon: round.epsilonSpent, bytes: round.updateBytes, seconds: round.duration.seconds)
        }
        let published = result.publishedRounds.count
        summary = Summary(
            plan: plan.name, planDigest: plan.digest.hex, privacy: plan.privacy.modeName, seed: seed, silos: silos, publishedRounds: published,
            abandonedRounds: result.rounds.count - published, finalModel: result.finalModel.digest.hex, coordinatorStarts: result.coordinatorStarts,
            virtualSeconds: result.virtualTime.seconds)
    }

    var text: String {
        var table = TextTable([
            ("round", .right), ("outcome", .left), ("nodes", .right), ("loss", .right), ("HR@10", .right), ("NDCG@10", .right), ("ε spent", .right),
            ("bytes", .right), ("virtual s", .right),
        ])
        for round in rounds {
            table.add([
                "\(round.round)", round.outcome, "\(round.contributors)/\(round.cohort)", round.loss.map { decimal($0, 4) } ?? "–", round.hr10.map { decimal($0, 4) } ?? "–",
                round.ndcg10.map { decimal($0, 4) } ?? "–", decimal(round.epsilon, 3), byteText(round.bytes), decimal(round.seconds, 1),
            ])
        }
        let privacy = summary.privacy == "off" ? "privacy OFF: updates are not protected" : "privacy \(summary.privacy), simulated noise: it protects nobody"
        return """
            \(summary.plan) · \(summary.silos) nodes · \(privacy)
            \(table.rendered())
            \(summary.publishedRounds) rounds published, \(summary.abandonedRounds) abandoned · \(decimal(summary.virtualSeconds, 1)) virtual seconds · coordinator started \(summary.coordinatorStarts) times
            final model \(summary.finalModel)
            \(summary.evaluation)
            """
    }
}

extension Duration {
    fileprivate var seconds: Double { Double(milliseconds) / 1000 }
}

/// The folder that `--results` names.
enum ResultsDirectory {
    /// Makes the folder, before anything is computed for it.
    static func prepare(_ path: String) throws {
        if let content = try? FileManager.default.contentsOfDirectory(atPath: path), !content.isEmpty {
            throw CommandFailure(.cannotCreate, "\(path) is not empty: choose another directory for the results, nothing was changed")
        }
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw CommandFailure(.cannotCreate, "cannot create \(path): \(error.localizedDescription)")
        }
    }

    static func write(_ report: SimulationReport, model: [UInt8], to path: String) throws {
        do {
            let lines = try report.rounds.map { try $0.jsonLine() + "\n" }.joined()
            try Data(lines.utf8).write(to: URL(filePath: path + "/rounds.json"), options: .atomic)
            try Data((try report.summary.jsonLine() + "\n").utf8).write(to: URL(filePath: path + "/summary.json"), options: .atomic)
            try Data(model).write(to: URL(filePath: path + "/model.bin"), options: .atomic)
        } catch { throw CommandFailure(.ioError, "cannot write the results to \(path): \(error.localizedDescription)") }
    }
}

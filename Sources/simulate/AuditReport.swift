import CommandSupport
import DifferentialPrivacy
import Simulator

/// What `simulate audit` prints.
struct AuditReport: Encodable {
    struct Run: Encodable {
        var seed: UInt64
        var guesses: Int
        var correct: Int
        /// Lower bounds at 95 %.
        var epsilonOneRun: Double
        var epsilonGaussian: Double
        var tests: [Test]
        var alarms: [String]

        enum CodingKeys: String, CodingKey {
            case seed, guesses, correct, tests, alarms
            case epsilonOneRun = "epsilon_one_run"
            case epsilonGaussian = "epsilon_f_dp"
        }
    }
    struct Test: Encodable {
        var name: String
        var statistic: Double
        var p: Double
    }
    struct Membership: Encodable {
        var epsilon: Double?
        var members: Int
        var outsiders: Int
        var areaUnderCurve: Double
        var standardErrorOfChance: Double
        var truePositivesAtFivePercent: Double

        init(_ result: MembershipResult) {
            epsilon = result.epsilon
            members = result.members
            outsiders = result.outsiders
            areaUnderCurve = result.areaUnderCurve
            standardErrorOfChance = result.standardErrorOfChance
            truePositivesAtFivePercent = result.truePositivesAtFivePercent
        }

        enum CodingKeys: String, CodingKey {
            case epsilon, members, outsiders
            case areaUnderCurve = "auc"
            case standardErrorOfChance = "auc_standard_error_of_chance"
            case truePositivesAtFivePercent = "tpr_at_fpr_0.05"
        }
    }
    struct Reconstruction: Encodable {
        var view: String
        var users: Int
        var recall: Double
        var chance: Double

        init(_ result: ReconstructionResult) {
            view = result.view.rawValue
            users = result.users
            recall = result.recall
            chance = result.chance
        }
    }

    var claimedEpsilon: Double
    var delta: Double
    var canaries: Int
    var nodes: Int
    var mode: String
    var largestEpsilonOneRun: Double
    var largestEpsilonGaussian: Double
    var passed: Bool
    var runs: [Run]
    var membership: [Membership]?
    var reconstruction: [Reconstruction]?

    init(_ setting: AuditSetting, _ outcomes: [AuditOutcome]) {
        claimedEpsilon = setting.epsilon
        delta = setting.delta
        canaries = setting.canaries
        nodes = setting.nodes
        mode = setting.noise.rawValue
        runs = outcomes.map { outcome in
            Run(
                seed: outcome.seed, guesses: outcome.bound.guesses, correct: outcome.bound.correct, epsilonOneRun: outcome.epsilon,
                epsilonGaussian: outcome.gaussianEpsilon, tests: outcome.findings.map { Test(name: $0.name, statistic: $0.statistic, p: $0.pValue) },
                alarms: outcome.alarms)
        }
        largestEpsilonOneRun = runs.map(\.epsilonOneRun).max() ?? 0
        largestEpsilonGaussian = runs.map(\.epsilonGaussian).max() ?? 0
        passed = runs.allSatisfy(\.alarms.isEmpty)
    }

    enum CodingKeys: String, CodingKey {
        case delta, canaries, nodes, mode, passed, runs, membership, reconstruction
        case claimedEpsilon = "claimed_epsilon"
        case largestEpsilonOneRun = "largest_epsilon_one_run"
        case largestEpsilonGaussian = "largest_epsilon_f_dp"
    }

    var text: String {
        var table = TextTable(
            [("seed", .right), ("correct", .right), ("ε one-run", .right), ("ε f-DP", .right)]
                + (runs.first?.tests ?? []).map { ("p: \($0.name)", .right) } + [("alarms", .left)])
        for run in runs {
            table.add(
                ["\(run.seed)", "\(run.correct)/\(run.guesses)", decimal(run.epsilonOneRun, 3), decimal(run.epsilonGaussian, 3)]
                    + run.tests.map { $0.p < 1e-4 ? "\(Float($0.p))" : decimal($0.p, 4) } + [run.alarms.isEmpty ? "–" : run.alarms.joined(separator: ", ")])
        }
        var lines = [
            "claim ε = \(claimedEpsilon), δ = \(delta), one round, add/remove of a user · mode \(mode) · \(canaries) canaries on \(nodes) nodes · bounds at 95 %",
            table.rendered(),
            "largest lower bound: one-run \(decimal(largestEpsilonOneRun, 3)), f-DP \(decimal(largestEpsilonGaussian, 3)) · \(passed ? "passed" : "FAILED")",
        ]
        if let membership {
            lines.append("\nmembership of a user, from the published model's loss on the user's events (AUC ½ is chance):")
            for result in membership {
                let protection = result.epsilon.map { "ε = \($0)" } ?? "unprotected"
                lines.append(
                    "  \(protection): AUC \(decimal(result.areaUnderCurve, 3)) (chance ± \(decimal(result.standardErrorOfChance, 3))), \(decimal(100 * result.truePositivesAtFivePercent, 1)) % found at 5 % false, \(result.members) members of \(result.members + result.outsiders)")
            }
        }
        if let reconstruction {
            lines.append("\na user's items from a node's first update of that user alone (share of the items found):")
            for result in reconstruction {
                lines.append("  \(result.view): \(decimal(result.recall, 3)) (chance \(decimal(result.chance, 3))), \(result.users) users")
            }
        }
        return lines.joined(separator: "\n")
    }
}

public import DifferentialPrivacy
import Federation
import Interactions
import RecommenderModels
import SeededRandom
import Tensors

/// Guessing who was a member from the published model: the attacker knows a user's events and compares the model's loss on them.
public struct MembershipResult: Sendable, Hashable {
    /// `nil` is a model that was trained without protection.
    public var epsilon: Double?
    public var members: Int
    public var outsiders: Int
    /// Area under the curve of true over false positives; ½ is chance, whose standard error is given.
    public var areaUnderCurve: Double
    public var standardErrorOfChance: Double
    /// Share of the members above the highest-scoring outsider but `outsiders`/20 of them: true positives at 5 % false ones.
    public var truePositivesAtFivePercent: Double
}

/// Guessing a user's items from what the coordinator receives of a node of that one user.
public struct ReconstructionResult: Sendable, Hashable {
    public enum View: String, Sendable, Hashable, CaseIterable {
        case plaintext, noise, mask
    }
    public var view: View
    public var users: Int
    /// Mean share of a user's k items among the k rows of items that moved farthest.
    public var recall: Double
    /// The recall of guessing blindly: k/V.
    public var chance: Double
}

extension PrivacyAudit {
    /// Membership inference at the level of users, on a model trained without and on one trained with the claim's privacy over all rounds.
    /// - Parameters:
    ///   - users: half of them members; ≥ 20, even.
    ///   - rounds: of training; enough for the unprotected model to remember its users.
    public static func membership(
        epsilon: Double, delta: Double, users count: Int = 200, rounds: Int = 60, seed: UInt64, noise: any NoiseSource
    ) async throws -> [MembershipResult] {
        let federation = try AttackedFederation(seed: seed)
        let users = federation.users(count)
        let members = Array(0..<count / 2)
        let before = federation.losses(federation.initial, users)
        var results: [MembershipResult] = []
        for protection in [AttackedFederation.Protection.none, .noise] {
            let plan = try federation.plan(protection, epsilon: epsilon, delta: delta, users: members.count, rounds: rounds)
            let model = try await federation.train(plan, users, selected: members, noise: noise)
            // How much the model gained on the user: the initial model's loss tells how hard the user is to begin with.
            let after = federation.losses(model, users)
            let scores = zip(before, after).map { $0 - $1 }
            results.append(score(scores, members: members.count, epsilon: protection == .noise ? epsilon : nil))
        }
        return results
    }

    /// Ranks of the members' scores among the outsiders'. The first `members` scores are theirs.
    static func score(_ scores: [Double], members: Int, epsilon: Double?) -> MembershipResult {
        let (inside, outside) = (scores[..<members], scores[members...].sorted())
        var wins = 0.0
        for score in inside {
            // A loss that is not finite tells nothing.
            for other in outside { wins += score > other ? 1 : score < other ? 0 : 0.5 }
        }
        let (m, n) = (Double(inside.count), Double(outside.count))
        let limit = outside[max(0, outside.count - 1 - outside.count / 20)]
        return MembershipResult(
            epsilon: epsilon, members: inside.count, outsiders: outside.count, areaUnderCurve: wins / (m * n),
            standardErrorOfChance: ((m + n + 1) / (12 * m * n)).squareRoot(), truePositivesAtFivePercent: Double(inside.count { $0 > limit }) / m)
    }

    /// Reconstruction of items from the first update of nodes with one user each: as it is, with the claim's noise, and masked.
    public static func reconstruction(epsilon: Double, delta: Double, users count: Int = 20, seed: UInt64, noise: any NoiseSource) async throws -> [ReconstructionResult] {
        let federation = try AttackedFederation(seed: seed)
        let users = federation.users(count)
        let width = federation.recommender.layout.tensors.first { $0.shape.first ?? 0 >= AttackedFederation.itemCount }
        guard let table = width else { throw SimulationError(.invalidSetup, "The attacked model has no table of items.") }
        var results: [ReconstructionResult] = []
        for (view, protection) in zip(ReconstructionResult.View.allCases, AttackedFederation.Protection.allCases) {
            let plan = try federation.plan(protection, epsilon: epsilon, delta: delta, users: 1, rounds: 1)
            let codec = UpdateCodec(modulusBits: plan.privacy.grid.modulusBits)
            var recall = 0.0
            for user in 0..<count {
                var values = try await codec.decode(
                    federation.payload(plan, users, selected: [user], from: federation.initial, round: user + 1, noise: noise))
                if protection == .mask {
                    var words = [UInt64](repeating: 0, count: values.count)
                    var stream = try noise.stream(for: NoisePurpose("mask", "\(user)"))
                    try words.withUnsafeMutableBufferPointer { try stream.fill($0) }
                    for index in values.indices { values[index] = codec.centred(values[index] &+ Int64(bitPattern: words[index])) }
                }
                let rows = (0..<AttackedFederation.itemCount).map { item in
                    (0..<table.rowWidth).reduce(0.0) { sum, column in
                        let value = Double(values[table.range.lowerBound + item * table.rowWidth + column])
                        return sum + value * value
                    }
                }
                let guess = rows.indices.sorted { rows[$0] > rows[$1] }.prefix(AttackedFederation.itemsPerUser)
                let items = Set(users[user].map(Int.init))
                recall += Double(guess.count { items.contains($0) }) / Double(items.count)
            }
            results.append(
                ReconstructionResult(
                    view: view, users: count, recall: recall / Double(count),
                    chance: Double(AttackedFederation.itemsPerUser) / Double(AttackedFederation.itemCount)))
        }
        return results
    }
}

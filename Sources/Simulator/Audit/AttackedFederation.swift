import CoordinatorCore
import DifferentialPrivacy
import EdgeRuntime
import Federation
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors

/// A small federation of made-up users without any taste, whose only regularity is what each of them did: the best case for attacks on members, and
/// for those on items.
///
/// Training, clipping, noise, grid, normaliser and the server's step are those of nodes and coordinator.
struct AttackedFederation {
    /// How a node's update reaches the coordinator.
    enum Protection: String, CaseIterable, Sendable {
        /// As it is.
        case none
        /// With the node's own noise for the claim (mode `local`).
        case noise
        /// Under a mask of uniform words modulo 2^b, as one message of secure aggregation looks to whoever lacks the other nodes' seeds.
        case mask
    }

    static let itemCount = 300
    static let itemsPerUser = 12

    let recommender: any Recommender
    let initial: [Float]
    private let stream: RandomStream

    init(seed: UInt64) throws {
        stream = RandomStream(seed: seed, "attacked federation")
        recommender = try Self.model.recommender(itemCount: Self.itemCount)
        initial = recommender.initialParameters(stream.child("model"))
    }

    private static let model = ModelConfiguration.gru4rec(GRU4RecConfiguration(embeddingDimension: 16, hiddenDimension: 16))

    /// Users of distinct items drawn uniformly.
    func users(_ count: Int) -> UserSequences {
        UserSequences(
            (0..<count).map { user in
                var random = stream.child("users").child(user)
                var items = Array(Int32(0)..<Int32(Self.itemCount))
                random.shuffle(&items)
                return Array(items.prefix(Self.itemsPerUser))
            })
    }

    /// A plan over the federation's items: without protection for `rounds`, or with the noise that (ε, δ) needs for so many.
    func plan(_ protection: Protection, epsilon: Double, delta: Double, users: Int, rounds: Int) throws -> Plan {
        let privacy: PrivacyPlan
        if protection == .noise {
            let z = try PrivacyAccountant.noiseMultiplier(epsilon: epsilon, delta: delta, samplingRate: 1, rounds: rounds, gridShare: GridChoice.maximumSlackShare)
            let grid = try GridChoice.recommended(
                clip: 1, dimension: recommender.layout.count, enrolledUsers: users, nodes: 1, noiseMultiplier: z, rounds: rounds, delta: delta)
            privacy = PrivacyPlan(
                mode: .local(GaussianMechanism(clip: 1, noiseMultiplier: z, epsilon: epsilon, delta: delta)),
                grid: GridPlan(scale: grid.scale, modulusBits: grid.modulusBits))
        } else {
            privacy = PrivacyPlan(mode: .off(range: 1000), grid: GridPlan(scale: 0x1p20, modulusBits: 64))
        }
        return Plan(
            name: "attacks", seed: 1, catalog: CatalogReference(digest: Digest(of: [UInt8]("attacks".utf8)), itemCount: Self.itemCount), model: Self.model,
            training: TrainingConfiguration(
                unit: .perUser, optimizer: .sgd(learningRate: 0.5, momentum: 0), epochs: 1, batchSize: 1, maximumLength: Self.itemsPerUser),
            privacy: privacy, serverOptimizer: .fedAdam(learningRate: 0.05, beta1: 0.9, beta2: 0.99, tau: 1e-4), selection: SelectionPlan(), rounds: rounds,
            maximumAttempts: rounds)
    }

    /// The payload of a node of these users, from these parameters.
    func payload(_ plan: Plan, _ users: UserSequences, selected: [Int], from parameters: [Float], round: Int, noise: any NoiseSource) async throws -> [UInt8] {
        let trainer = try LocalTrainer(model: plan.model, training: plan.training, itemCount: Self.itemCount, workers: 1)
        let total = try await trainer.trainUsers(
            from: parameters, users: users, selected: selected, stream: RandomStream(seed: plan.seed, "training").child(round),
            quantizer: LocalContribution.quantizer(plan, dimension: parameters.count))
        return try LocalContribution(sum: total.sum, users: total.contributingUsers)
            .encoded(for: plan, round: RoundNumber(round), node: NodeID(naming: "node"), noise: noise)
    }

    /// The model after all rounds of the plan with these users taking part.
    func train(_ plan: Plan, _ users: UserSequences, selected: [Int], noise: any NoiseSource) async throws -> [Float] {
        let codec = UpdateCodec(modulusBits: plan.privacy.grid.modulusBits)
        var parameters = initial
        var state = plan.serverOptimizer.initialState(dimension: parameters.count)
        for round in 1...plan.rounds {
            let sum = try await codec.decode(payload(plan, users, selected: selected, from: parameters, round: round, noise: noise))
            guard let gradient = PseudoGradient(sum: sum, plan: plan, enrolledUsers: selected.count) else { break }
            plan.serverOptimizer.step(&parameters, &state, delta: gradient.delta)
        }
        return parameters
    }

    /// Mean loss of every user at the parameters.
    func losses(_ parameters: [Float], _ users: UserSequences) -> [Double] {
        var buffer = GradientBuffer(recommender)
        var scratch = ScratchMemory()
        return (0..<users.userCount).map { user in
            defer { buffer.reset() }
            let loss = recommender.accumulateGradient(
                parameters, sequences: [users[user]], negatives: [], stream: nil, weight: 0, into: &buffer, scratch: &scratch)
            return loss.loss / Double(max(1, loss.targets))
        }
    }
}

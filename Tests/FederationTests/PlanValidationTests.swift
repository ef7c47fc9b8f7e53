import DifferentialPrivacy
import Federation
import LocalTraining
import RecommenderModels
import Testing

@Suite("Plan validation")
struct PlanValidationTests {
    @Test("plans that break no rule pass")
    func sound() throws {
        try Plan.example().validate()
        try Plan.privateExample().validate()
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var field: String
        var make: @Sendable (inout Plan) -> Void
        var testDescription: String { field }
    }

    @Test(
        "a broken rule names its field",
        arguments: [
            Mistake(field: "name") { $0.name = "" },
            Mistake(field: "catalog.items") { $0.catalog.itemCount = 1 },
            Mistake(field: "rounds") { $0.rounds = 0 },
            Mistake(field: "maximumAttempts") { $0.maximumAttempts = 2 },
            Mistake(field: "model.dimension") { $0.model = .bprMF(.init(dimension: 0)) },
            Mistake(field: "training.learningRate") { $0.training.optimizer = .adam(learningRate: .nan) },
            Mistake(field: "training.batchSize") { $0.training.batchSize = 0 },
            Mistake(field: "serverOptimizer.learningRate") { $0.serverOptimizer = .fedAvg(learningRate: 0) },
            Mistake(field: "serverOptimizer.tau") { $0.serverOptimizer = .fedYogi(learningRate: 1, beta1: 0.9, beta2: 0.99, tau: 0) },
            Mistake(field: "serverOptimizer") { $0.serverOptimizer = .replace },
            Mistake(field: "serverOptimizer") { $0.model = .ease(.init()) },
            Mistake(field: "model") {
                $0.model = .ease(.init(regularization: -1))
                $0.serverOptimizer = .replace
            },
            Mistake(field: "selection.quorum") { $0.selection.quorum = 2 },
            Mistake(field: "selection.overSelection") { $0.selection.overSelection = 0.5 },
            Mistake(field: "selection.count") { $0.selection = SelectionPlan(rule: .uniform(count: 1), minimumCohort: 3, quorum: 2) },
            Mistake(field: "privacy.grid.scale") { $0.privacy.grid.scale = 3 },
            Mistake(field: "privacy.grid.modulusBits") { $0.privacy.grid.modulusBits = 48 },
            Mistake(field: "privacy.range") { $0.privacy.mode = .off(range: .infinity) },
            Mistake(field: "privacy.range") { $0.privacy.mode = .off(range: 0x1p39) },
            // 1000 · 2^20 needs 30 bits and a sign; three nodes do not fit into 32.
            Mistake(field: "privacy.grid.modulusBits") {
                $0.privacy.grid.modulusBits = 32
                $0.selection.minimumCohort = 3
            },
        ])
    func rules(_ mistake: Mistake) {
        var plan = Plan.example()
        mistake.make(&plan)
        #expect(Set(plan.problems().map(\.field)) == [mistake.field])
        let message = #expect(throws: FederationError.self) { try plan.validate() }?.message ?? ""
        #expect(message.contains(mistake.field))
    }

    @Test("all problems are told at once")
    func collected() {
        var plan = Plan.example()
        plan.name = ""
        plan.rounds = 0
        plan.training.epochs = 0
        #expect(Set(plan.problems().map(\.field)) == ["name", "rounds", "training.epochs"])
    }

    @Test("a private mode trains every user alone")
    func unit() {
        var plan = Plan.privateExample()
        plan.training.unit = .silo
        #expect(plan.problems().map(\.field) == ["training.unit"])
    }

    @Test("noise that does not cover the promise over all attempts is refused")
    func noise() throws {
        var plan = Plan.privateExample()
        let cost = try #require(try plan.privacyCost())
        #expect(cost.perRound.epsilon < cost.plannedRounds.epsilon && cost.plannedRounds.epsilon < cost.allAttempts.epsilon)
        guard case .local(var mechanism) = plan.privacy.mode else { return }
        mechanism.epsilon = cost.allAttempts.epsilon
        plan.privacy.mode = .local(mechanism)
        #expect(plan.problems().isEmpty)
        mechanism.epsilon = (cost.plannedRounds.epsilon + cost.allAttempts.epsilon) / 2
        plan.privacy.mode = .local(mechanism)
        #expect(plan.problems().map(\.field) == ["privacy.noiseMultiplier"])
    }

    @Test("public counts keep two digits and do not change when rounded again", arguments: [(0, 0), (7, 7), (99, 99), (104, 100), (105, 110), (995, 1000), (12_345, 12_000)])
    func publicCount(_ users: Int, _ public: Int) {
        #expect(JoinDeclaration.publicCount(of: users) == `public`)
        #expect(JoinDeclaration.publicCount(of: `public`) == `public`)
    }
}

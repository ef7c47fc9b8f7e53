import DifferentialPrivacy
import Federation
import PlanFiles
import RecommenderModels
import SecureAggregation
import Tensors
import Testing

@Suite("Plans of mode distributed")
struct AggregationPlanTests {
    private func plan(_ aggregation: AggregationPlan = AggregationPlan(threshold: 7, collusion: 1), cohort: Int = 10, quorum: Int? = nil, scale: Double = 0x1p16) -> Plan {
        Plan.example(
            privacy: PrivacyPlan(
                mode: .distributed(GaussianMechanism(clip: 1, noiseMultiplier: 4, epsilon: 8, delta: 1e-6), aggregation), grid: GridPlan(scale: scale, modulusBits: 64)),
            selection: SelectionPlan(minimumCohort: cohort, quorum: quorum ?? aggregation.threshold))
    }

    @Test("a sound plan survives its encoding, and every node's share is what t − c of them need")
    func sound() throws {
        let plan = plan()
        #expect(plan.problems().isEmpty)
        #expect(try Plan(encoded: plan.encoded()) == plan)
        let share = try #require(try plan.privacy.noiseOnGrid())
        #expect(share == Int((4 * 65_536 / 6.0.squareRoot()).rounded(.up)))
        let d = try plan.recommender().layout.count
        let event = try #require(try plan.mechanismEvent(rounds: 1, parameters: d))
        #expect(event.noiseMultiplier >= 4 && event.noiseMultiplier < 4.0001)
        let configuration = try #require(try plan.aggregationConfiguration(parameters: d, nodes: 10))
        #expect(configuration.guaranteedNoise >= 4 * 65_536 && configuration.noiseShare == UInt64(share))
        try configuration.validate(for: (1...10).map { CohortMember(id: MemberID(UInt32($0)), users: 1000) })
        #expect(try plan.privacyCost()?.allAttempts.epsilon ?? 9 <= Plan.privateExample().privacyCost()?.allAttempts.epsilon ?? 0)
    }

    @Test("ε falls with fewer colluders, and beyond c one share is left")
    func coalitions() throws {
        let costs = try plan(AggregationPlan(threshold: 8, collusion: 3)).coalitionCosts()
        #expect(costs.map(\.nodes) == [0, 1, 2, 3, 4])
        #expect(zip(costs, costs.dropFirst()).allSatisfy { $0.report.epsilon < $1.report.epsilon })
        let claim = try #require(try plan(AggregationPlan(threshold: 8, collusion: 3)).privacyCost()).allAttempts.epsilon
        #expect(costs[3].report.epsilon == claim)
        #expect(try Plan.privateExample().coalitionCosts().isEmpty)
        let statement = try PrivacyStatement(plan: plan(), digest: plan().digest, model: ModelReference(round: 1, digest: Digest(of: [1]), byteCount: 1))
        #expect(statement.mode == "distributed" && statement.trust.coalitions?.count == 3)
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        var aggregation: AggregationPlan
        var cohort: Int
        var quorum: Int?
        var field: String
        var testDescription: String { "t \(aggregation.threshold), c \(aggregation.collusion), n \(cohort): \(field)" }
    }
    static let broken: [Broken] = [
        Broken(aggregation: AggregationPlan(threshold: 5, collusion: 1), cohort: 10, field: "privacy.threshold"),
        Broken(aggregation: AggregationPlan(threshold: 7, collusion: 4), cohort: 10, field: "privacy.threshold"),
        Broken(aggregation: AggregationPlan(threshold: 11, collusion: 1), cohort: 10, field: "privacy.threshold"),
        Broken(aggregation: AggregationPlan(threshold: 5, collusion: 4), cohort: 5, field: "privacy.collusion"),
        Broken(aggregation: AggregationPlan(threshold: 7, collusion: 1), cohort: 10, quorum: 8, field: "selection.quorum"),
        Broken(aggregation: AggregationPlan(threshold: 3, collusion: 0), cohort: 4, field: "privacy.threshold"),
        Broken(aggregation: AggregationPlan(threshold: 4, collusion: 1), cohort: 4, field: "privacy.threshold"),
        Broken(aggregation: AggregationPlan(threshold: 7, collusion: 1, minimumOrganisations: 2), cohort: 10, field: "privacy.minimumOrganisations"),
        Broken(aggregation: AggregationPlan(threshold: 7, collusion: 1, stageSeconds: 0), cohort: 10, field: "privacy.stageSeconds"),
        Broken(aggregation: AggregationPlan(threshold: 2, collusion: 0), cohort: 2, field: "selection.minimumCohort"),
    ]

    @Test("what the protocol could not keep is refused with the field's name", arguments: broken)
    func refused(_ each: Broken) {
        let problems = plan(each.aggregation, cohort: each.cohort, quorum: each.quorum).problems()
        #expect(problems.contains { $0.field == each.field }, "\(problems)")
    }

    @Test("three and four nodes tolerate neither a drop nor a colluding node")
    func few() {
        for nodes in [3, 4] {
            #expect(AggregationPlan.recommended(nodes: nodes) == AggregationPlan(threshold: nodes, collusion: 0))
            #expect(plan(.recommended(nodes: nodes), cohort: nodes).problems().isEmpty)
        }
        for nodes in 5...100 where AggregationPlan.recommended(nodes: nodes).maximumCohort <= 255 {
            let choice = AggregationPlan.recommended(nodes: nodes)
            #expect(choice.maximumCohort >= nodes && choice.guaranteedHonest >= 2, "\(nodes)")
        }
        #expect(plan(scale: 0x1p8).problems().contains { $0.field == "privacy.grid.scale" }, "a share of less than 1024 steps")
    }

    @Test("a plan file names threshold and collusion, or leaves them to the cohort")
    func file() throws {
        func text(_ privacy: String) -> String {
            """
            name: d
            rounds: 2
            model:
              bpr-mf: {dimension: 4}
            training:
              unit: per-user
              optimizer:
                sgd: {learning-rate: 0.1}
            privacy:
              mode: distributed
              clip: 0.5
              epsilon: 8
            \(privacy)
            selection:
              minimum-cohort: 10
            """
        }
        let catalog = CatalogReference(digest: Digest(of: [1]), itemCount: 20)
        let open = try PlanDraft(yaml: text(""), fileName: "p").resolved(for: catalog)
        #expect(open.privacy.aggregation == AggregationPlan(threshold: 7, collusion: 3) && open.selection.quorum == 7)
        #expect(open.problems().isEmpty, "\(open.problems())")
        let named = try PlanDraft(yaml: text("  threshold: 8\n  tolerated-collusion: 2\n  minimum-organisations: 5\n  stage-seconds: 9"), fileName: "p").resolved(for: catalog)
        #expect(named.privacy.aggregation == AggregationPlan(threshold: 8, collusion: 2, minimumOrganisations: 5, stageSeconds: 9) && named.selection.quorum == 8)
        #expect(throws: (any Error).self) {
            try PlanDraft(yaml: text("  threshold: 8").replacing("mode: distributed", with: "mode: local"), fileName: "p")
        }
    }
}

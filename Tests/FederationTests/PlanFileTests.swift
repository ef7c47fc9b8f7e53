import DifferentialPrivacy
import Federation
import Foundation
import LocalTraining
import PlanFiles
import RecommenderModels
import StrictYAML
import TestSupport
import Testing

@Suite("Plan files")
struct PlanFileTests {
    static let minimal = """
        name: minimal
        rounds: 5
        model: gru4rec
        training:
          unit: silo
          optimizer: {adam: {learning-rate: 0.001}}
        privacy:
          mode: off
        """

    @Test("a short file takes the documented defaults")
    func defaults() throws {
        let draft = try PlanDraft(yaml: Self.minimal, fileName: "plan.yaml")
        #expect(draft.seed == 1)
        #expect(draft.maximumAttempts == 7)
        #expect(draft.model == .gru4rec(GRU4RecConfiguration()))
        #expect(draft.training == TrainingConfiguration(unit: .silo, optimizer: .adam(learningRate: 0.001)))
        #expect(draft.privacy.mode == .off)
        #expect(draft.serverOptimizer == .fedAvg(learningRate: 1))
        #expect(draft.selection == SelectionPlan())
    }

    @Test("an adaptive clip and clips of tensors: the noise left for deltas covers the count's cost")
    func clips() throws {
        let text = Self.minimal.replacing("unit: silo", with: "unit: per-user").replacing("mode: off", with: """
            mode: local
              clip: 1
              epsilon: 8
              adaptive-clip: {quantile: 0.6, count-noise: 30}
              tensor-clips:
                - {tensor: item.embedding, clip: 0.6}
            """)
        let plan = try PlanDraft(yaml: text, fileName: "plan.yaml").resolved(for: CatalogReference(digest: Digest(of: [1]), itemCount: 30))
        let mechanism = try #require(plan.privacy.mechanism)
        #expect(mechanism.adaptiveClip == AdaptiveClip(quantile: 0.6, learningRate: 0.2, countDeviation: 30))
        #expect(mechanism.tensorClips == [TensorClip(tensor: "item.embedding", clip: 0.6)])
        try plan.validate()
        let cost = try #require(try plan.privacyCost()).allAttempts.epsilon
        #expect(cost <= 8 && cost > 7.9)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var replace: String
        var with: String
        /// What the message must name.
        var names: [String]
        var testDescription: String { with.replacing("\n", with: "⏎") }
    }

    @Test(
        "a mistake is an error that names the place and what was expected",
        arguments: [
            Mistake(replace: "rounds: 5", with: "round: 5", names: ["`rounds` is missing"]),
            Mistake(replace: "rounds: 5", with: "rounds: 5\nround: 6", names: ["plan.yaml:3", "unknown key `round`", "rounds"]),
            Mistake(replace: "rounds: 5", with: "rounds: five", names: ["plan.yaml:2", "`rounds` must be a whole number, not `five`"]),
            Mistake(replace: "rounds: 5", with: "rounds: 0", names: ["`rounds` must be in 1…100000, not 0"]),
            Mistake(replace: "rounds: 5", with: "rounds: 5\nmaximum-attempts: 4", names: ["`maximum-attempts` must be at least `rounds`"]),
            Mistake(replace: "model: gru4rec", with: "model: gru", names: ["plan.yaml:3", "`model` must be one of gru4rec, bpr-mf, ", "not `gru`"]),
            Mistake(replace: "model: gru4rec", with: "model: {gru4rec: {width: 3}}", names: ["unknown key `model.gru4rec.width`"]),
            Mistake(replace: "mode: off", with: "mode: local", names: ["`privacy.clip` is missing"]),
            Mistake(replace: "mode: off", with: "mode: off\n  epsilon: 8", names: ["`privacy.epsilon` has no meaning with mode `off`"]),
            Mistake(replace: "mode: off", with: "mode: 'off'\n  grid: {scale: 3, modulus-bits: 64}", names: ["`privacy.grid.scale` must be a power of two"]),
            Mistake(replace: "mode: off", with: "mode: off\nprivacy: {}", names: ["privacy"]),
            Mistake(replace: "0.001", with: "-1", names: ["plan.yaml:6", "`training.optimizer.adam.learning-rate` must be a number above 0"]),
            Mistake(replace: "0.001", with: "[", names: ["not YAML"]),
        ])
    func mistakes(_ mistake: Mistake) throws {
        let text = Self.minimal.replacing(mistake.replace, with: mistake.with)
        let error = try #require(throws: YAMLFileError.self) { try PlanDraft(yaml: text, fileName: "plan.yaml") }
        for name in mistake.names { #expect("\(error)".contains(name), "\(error)") }
    }

    @Test("words, settings and null are read as meant")
    func variants() throws {
        let text = """
            name: v
            seed: 9
            rounds: 3
            maximum-attempts: ~
            model:
              gru4rec:
                embedding-dimension: 16
                tied-embeddings: false
                loss: {sampled-softmax: {negatives: 64}}
            training: {unit: per-user, optimizer: {sgd: {learning-rate: 0.5}}, epochs: 2}
            privacy: {mode: local, clip: 0.25, epsilon: 4, delta: 1e-5}
            server-optimizer: {fedadam: {learning-rate: 0.02}}
            selection: {rule: {uniform: {count: 4}}, minimum-cohort: 3}
            """
        let draft = try PlanDraft(yaml: text, fileName: "plan.yaml")
        #expect(draft.maximumAttempts == 5)
        #expect(
            draft.model
                == .gru4rec(GRU4RecConfiguration(embeddingDimension: 16, hiddenDimension: 16, tiedEmbeddings: false, loss: .sampledSoftmax(negatives: 64, logQ: true))))
        #expect(draft.serverOptimizer == .fedAdam(learningRate: 0.02, beta1: 0.9, beta2: 0.99, tau: 0.001))
        #expect(draft.selection == SelectionPlan(rule: .uniform(count: 4), minimumCohort: 3, quorum: 3))
        #expect(draft.privacy.clip == 0.25)
    }

    @Test("the documented example is read, keeps the ε it promises, and validates")
    func example() throws {
        let file = PackageTree.root.appending(path: "examples/plan.yaml").plainPath
        let draft = try PlanDraft(yaml: String(contentsOfFile: file, encoding: .utf8), fileName: file)
        let plan = try draft.resolved(for: CatalogReference(digest: Digest(of: [1]), itemCount: 500))
        try plan.validate()
        let cost = try #require(try plan.privacyCost()).allAttempts
        #expect(cost.epsilon <= 8 && cost.epsilon > 7.9)
        #expect(draft.selection == SelectionPlan(minimumCohort: 3, quorum: 2, deadlineSeconds: 600))
    }
}

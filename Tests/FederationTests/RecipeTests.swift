import Foundation
import Interactions
import LocalTraining
import PlanFiles
import RankingEvaluation
import RecommenderModels
import StrictYAML
import TestSupport
import Testing

@Suite("Recipes")
struct RecipeTests {
    private static let base = """
        model: {gru4rec: {embedding-dimension: 8}}
        training: {optimizer: {adam: {learning-rate: 0.01}}}
        epochs: 5

        """

    @Test("every recipe of the repository is read, validated and named after its file")
    func all() throws {
        let files = try PackageTree.files(under: "recipes").filter { $0.hasSuffix(".yaml") }
        #expect(!files.isEmpty)
        for file in files {
            let text = try String(contentsOf: PackageTree.root.appending(path: file), encoding: .utf8)
            let recipe = try Recipe(yaml: text, fileName: file)
            #expect("recipes/\(recipe.name).yaml" == file)
            #expect(throws: Never.self) { try recipe.model.recommender(itemCount: 100) }
        }
    }

    @Test("what a recipe does not say has documented defaults")
    func defaults() throws {
        let recipe = try Recipe(yaml: Self.base, fileName: "a/b-c.yaml")
        #expect(recipe.name == "b-c" && recipe.modelName == "gru4rec")
        #expect(recipe.settings.training.epochs == 5 && recipe.settings.schedule == .constant && recipe.settings.averaging == nil)
        #expect(recipe.split == .leaveOneOut && recipe.seen == .removed && recipe.cutoffs == [10] && !recipe.refit && recipe.minimumUserEvents == 3)
        #expect(recipe.stopping == EarlyStopping(metric: .ndcg10, every: 1, patience: nil, validationUsers: nil))
    }

    @Test("every section is read")
    func sections() throws {
        let text = """
            description: all of it
            model: {bpr-mf: {dimension: 8}}
            training: {optimizer: {adamw: {learning-rate: 0.01, weight-decay: 0.1, beta2: 0.98, sparse: true}}, batch-size: 7, gradient-clip: 2}
            epochs: 9
            schedule: {cosine: {warm-up-epochs: 0.5, end: 0.1, decay-epochs: 7}}
            early-stopping: {metric: hr@10, every: 2, patience: 3, validation-users: 50}
            weight-averaging: {decay: 0.99}
            split: {random: {train: 0.75, validation: 0.2}}
            seen: kept
            refit: true
            minimum-user-events: 5
            clean: ["consecutive-repeats"]
            cutoffs: ["20", "5"]
            """
        let recipe = try Recipe(yaml: text, fileName: "x.yaml")
        #expect(recipe.settings.training.optimizer == .adamW(AdamWSettings(learningRate: 0.01, beta2: 0.98, weightDecay: 0.1, sparse: true)))
        #expect(recipe.settings.gradientClip == 2 && recipe.settings.averaging == 0.99)
        #expect(recipe.settings.schedule == LearningRateSchedule(.cosine(end: 0.1), warmUpEpochs: 0.5, decayEpochs: 7))
        #expect(recipe.stopping == EarlyStopping(metric: .hitRate10, every: 2, patience: 3, validationUsers: 50))
        #expect(recipe.split == .random(train: 0.75, validation: 0.2) && recipe.seen == .kept && recipe.refit)
        #expect(recipe.minimumUserEvents == 5 && recipe.cleaning == [.consecutiveRepeats] && recipe.cutoffs == [5, 10, 20])
    }

    @Test(
        "a mistake names the file and what was expected",
        arguments: [
            ("patiense: 3", "unknown key `patiense`"), ("early-stopping: {patience: 0}", "early-stopping.patience"),
            ("schedule: {cosin: {}}", "must be one of"), ("split: {random: {train: 1.5}}", "a share between 0 and 1"),
            ("seen: forgotten", "must be one of removed, kept"), ("weight-averaging: {decay: 1}", "between 0 and 1"),
            ("clean: [wash]", "expected one of"), ("cutoffs: [\"0\"]", "at least 1"), ("minimum-user-events: 2", "3…"),
        ])
    func mistakes(_ line: String, _ expected: String) {
        #expect { try Recipe(yaml: Self.base + line, fileName: "r.yaml") } throws: { error in
            error is YAMLFileError && "\(error)".hasPrefix("r.yaml") && "\(error)".contains(expected)
        }
    }

    @Test("a federation has a plan without model and seed")
    func federation() throws {
        let text = """
            model: {bpr-mf: {dimension: 8}}
            federation:
              nodes: 50
              evaluate-every: 10
              plan:
                rounds: 100
                training: {unit: silo, optimizer: {sgd: {learning-rate: 0.1}}}
                privacy: {mode: "off"}
            """
        let federation = try #require(try Recipe(yaml: text, fileName: "x.yaml").federation)
        #expect(federation.assignment == .hash(nodes: 50) && federation.evaluateEvery == 10 && federation.plan.rounds == 100)
        let alone = text.replacing("nodes: 50", with: "assign: one-user-per-node")
        #expect(try Recipe(yaml: alone, fileName: "x.yaml").federation?.assignment == .oneUserPerNode)
        #expect(throws: YAMLFileError.self) { try Recipe(yaml: text.replacing("  nodes: 50\n", with: ""), fileName: "x.yaml") }
        #expect(throws: YAMLFileError.self) { try Recipe(yaml: text + "\nsplit: {random: {}}", fileName: "x.yaml") }
    }

    @Test("a recipe without a model or epochs is refused")
    func incomplete() {
        #expect(throws: YAMLFileError.self) { try Recipe(yaml: "epochs: 3", fileName: "r.yaml") }
        #expect(throws: YAMLFileError.self) { try Recipe(yaml: "model: {bpr-mf: {}}", fileName: "r.yaml") }
    }
}

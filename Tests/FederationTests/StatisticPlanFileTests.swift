import Federation
import PlanFiles
import RecommenderModels
import StrictYAML
import Testing

@Suite("Plan files of models of sums")
struct StatisticPlanFileTests {
    private func draft(_ model: String, _ rest: String = "") throws -> PlanDraft {
        try PlanDraft(yaml: PlanFileTests.minimal.replacing("model: gru4rec", with: "model: \(model)") + "\n" + rest, fileName: "plan.yaml")
    }

    @Test("say the model with its settings, and replace the model by the mean")
    func models() throws {
        #expect(try draft("ease").model == .ease(EASEConfiguration()))
        #expect(
            try draft("{ease: {regularization: 3, user-weight: inverse-count}}").model
                == .ease(EASEConfiguration(regularization: 3, userWeight: .inverseCount)))
        #expect(
            try draft("{item-knn: {similarity: euclidean, neighbours: 7, shrinkage: 0, user-weight: inverse-root}}").model
                == .itemKNN(ItemKNNConfiguration(similarity: .euclidean, neighbours: 7, shrinkage: 0, userWeight: .inverseRoot)))
        #expect(
            try draft(
                "{item-transitions: {direction: forward, window: 4, distance-exponent: 1, threshold: 3, recent-events: 5, recency: 0.5, row-exponent: 0}}"
            ).model
                == .itemTransitions(
                    ItemTransitionsConfiguration(
                        direction: .forward, window: 4, distanceExponent: 1, threshold: 3, recentEvents: 5, recency: 0.5, rowExponent: 0)))
        #expect(try draft("{pure-svd: {dimension: 9}}").model == .pureSVD(PureSVDConfiguration(dimension: 9)))
        #expect(try draft("{nmf: {dimension: 9, regularization: 0.5}}").model == .nmf(NMFConfiguration(dimension: 9, regularization: 0.5)))
        #expect(
            try draft("{lightgcn: {dimension: 9, layers: 2, regularization: 0}}").model
                == .lightGCN(LightGCNConfiguration(dimension: 9, layers: 2, regularization: 0)))
        for word in ["ease", "item-knn", "item-transitions", "pure-svd", "nmf"] { #expect(try draft(word).serverOptimizer == .replace) }
        #expect(try draft("lightgcn").serverOptimizer == .fedAvg(learningRate: 1))
        #expect(try draft("ease", "server-optimizer: replace").serverOptimizer == .replace)
    }

    @Test("a model that cannot leave the data says where it can be had")
    func refused() throws {
        let error = #expect(throws: YAMLFileError.self) { try draft("user-knn") }
        #expect(error.map { "\($0)" }?.contains("simulate baseline --model user-knn") == true)
    }
}

import RecommenderModels

extension IALSConfiguration {
    func collectProblems(into collector: inout ProblemCollector) {
        collector.check(dimension, in: 1...512, "model.dimension")
        collector.check(solverSteps, in: 0...100, "model.solverSteps")
        collector.checkPositive(regularization, atMost: 1000, "model.regularization")
        collector.checkPositive(unobservedWeight, atMost: 1000, "model.unobservedWeight")
        collector.check(
            (0...2).contains(regularizationExponent), "model.regularizationExponent", regularizationExponent, "it must be in 0…2")
    }
}

extension Item2VecConfiguration {
    func collectProblems(into collector: inout ProblemCollector) {
        collector.check(dimension, in: 1...512, "model.dimension")
        collector.check(window, in: 1...1000, "model.window")
        collector.check(negatives, in: 1...1000, "model.negatives")
        collector.check(
            negativeExponent == 0, "model.negativeExponent", negativeExponent,
            "it must be 0: other draws need the items' frequencies, which a federation does not know")
        collector.check(
            subsampling == 0, "model.subsampling", subsampling,
            "it must be 0: subsampling needs the items' frequencies, which a federation does not know")
        collector.check(recency > 0 && recency <= 1, "model.recency", recency, "it must be above 0 and at most 1")
    }
}

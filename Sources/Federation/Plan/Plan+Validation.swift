import LocalTraining
import RecommenderModels

extension Plan {
    /// Every rule the plan breaks; empty when it can be started.
    public func problems() -> [PlanProblem] {
        var collector = ProblemCollector()
        collector.check((1...100).contains(name.count), "name", name.count, "it has so many characters; it must have 1…100")
        collector.check(catalog.itemCount, in: 2...10_000_000, "catalog.items")
        collector.check(rounds, in: 1...100_000, "rounds")
        collector.check(
            maximumAttempts >= rounds && maximumAttempts <= 1_000_000, "maximumAttempts", maximumAttempts,
            "it must be at least rounds (\(rounds)) and at most 1000000")
        model.collectProblems(into: &collector, itemCount: catalog.itemCount)
        training.collectProblems(into: &collector)
        serverOptimizer.collectProblems(into: &collector)
        if let decay = serverDecay {
            collector.check(decay.start >= 0 && decay.start < 1, "serverDecay.start", decay.start, "it must be in 0…1, below 1")
            collector.check(decay.end > 0 && decay.end <= 1, "serverDecay.end", decay.end, "it must be above 0 and at most 1")
            collector.check(serverOptimizer != .replace, "serverDecay", decay.end, "the rule replace has no learning rate; leave the decay out")
        }
        collector.check(
            (try? model.validate()) == nil || model.learnsFromStatistics == (serverOptimizer == .replace), "serverOptimizer", serverOptimizer == .replace ? "replace" : "not replace",
            "a model of summed statistics needs replace, which makes the mean of a round the model; every other model needs another rule")
        selection.collectProblems(into: &collector)
        collectPrivacyProblems(into: &collector)
        // Costs and sizes make sense only for values inside their ranges.
        if collector.problems.isEmpty { collectSizeAndCostProblems(into: &collector) }
        return collector.problems
    }

    /// - Throws: ``FederationError`` `.invalidPlan` naming every field that breaks a rule, its value, and the remedy.
    public func validate() throws {
        let problems = problems()
        guard problems.isEmpty else {
            throw FederationError(.invalidPlan, "The plan cannot be run.\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
        }
    }
}

extension SelectionPlan {
    fileprivate func collectProblems(into collector: inout ProblemCollector) {
        collector.check(minimumCohort, in: 1...100_000, "selection.minimumCohort")
        collector.check(
            quorum >= 1 && quorum <= minimumCohort, "selection.quorum", quorum,
            "it must be in 1…minimumCohort (\(minimumCohort)), so that every round that starts can be published")
        collector.check(deadlineSeconds, in: 1...604_800, "selection.deadlineSeconds")
        collector.check(gatherSeconds, in: 0...604_800, "selection.gatherSeconds")
        collector.check(overSelection >= 1 && overSelection <= 10, "selection.overSelection", overSelection, "it must be in 1…10")
        switch rule {
        case .all:
            collector.check(overSelection == 1, "selection.overSelection", overSelection, "with rule all there are no spare nodes: leave it at 1")
        case .uniform(let count):
            collector.check(count, in: 1...100_000, "selection.count")
            collector.check(
                count >= quorum, "selection.count", count, "it must be at least the quorum (\(quorum)), or no round could be published")
        }
    }
}

extension ServerOptimizer {
    fileprivate func collectProblems(into collector: inout ProblemCollector) {
        func checkRate(_ rate: Float) { collector.checkPositive(rate, atMost: 1000, "serverOptimizer.learningRate") }
        switch self {
        case .replace: break
        case .fedAvg(let rate):
            checkRate(rate)
        case .fedAvgM(let rate, let momentum):
            checkRate(rate)
            collector.checkFraction(momentum, "serverOptimizer.momentum")
        case .fedAdam(let rate, let beta1, let beta2, let tau), .fedYogi(let rate, let beta1, let beta2, let tau):
            checkRate(rate)
            collector.checkFraction(beta1, "serverOptimizer.beta1")
            collector.checkFraction(beta2, "serverOptimizer.beta2")
            collector.checkPositive(tau, atMost: 1, "serverOptimizer.tau")
        case .fedAdagrad(let rate, let tau):
            checkRate(rate)
            collector.checkPositive(tau, atMost: 1, "serverOptimizer.tau")
        }
    }
}

extension TrainingConfiguration {
    fileprivate func collectProblems(into collector: inout ProblemCollector) {
        switch optimizer {
        case .sgd(let rate, let momentum):
            collector.checkPositive(rate, atMost: 1000, "training.learningRate")
            collector.checkFraction(momentum, "training.momentum")
        case .adagrad(let rate), .adam(let rate):
            collector.checkPositive(rate, atMost: 1000, "training.learningRate")
        case .adagradMomentum(let rate, let momentum):
            collector.checkPositive(rate, atMost: 1000, "training.learningRate")
            collector.checkFraction(momentum, "training.momentum")
        case .adamW(let settings):
            collector.checkPositive(settings.learningRate, atMost: 1000, "training.learningRate")
            collector.checkFraction(settings.beta1, "training.beta1")
            collector.checkFraction(settings.beta2, "training.beta2")
            if settings.weightDecay != 0 { collector.checkPositive(settings.weightDecay, atMost: 1 / settings.learningRate, "training.weightDecay") }
        }
        collector.check(epochs, in: 1...1000, "training.epochs")
        collector.check(batchSize, in: 1...65_536, "training.batchSize")
        collector.check(maximumLength, in: 2...1000, "training.maximumLength")
        collector.check(maximumWindows, in: 1...10_000, "training.maximumWindows")
        collector.check(minimumEvents, in: 2...1_000_000, "training.minimumEvents")
    }
}

extension ModelConfiguration {
    fileprivate func collectProblems(into collector: inout ProblemCollector, itemCount: Int) {
        switch self {
        case .gru4rec(let model), .lstm(let model): model.collectProblems(into: &collector)
        case .sasRec(let model): model.collectProblems(into: &collector)
        case .caser(let model): model.collectProblems(into: &collector)
        case .bert4rec(let model): model.collectProblems(into: &collector)
        case .bprMF(let model):
            collector.check(model.dimension, in: 1...1024, "model.dimension")
            collector.check(model.regularization >= 0 && model.regularization <= 1000, "model.regularization", model.regularization, "it must be in 0…1000")
            collector.check(model.foldInSteps, in: 1...10_000, "model.foldInSteps")
            collector.check(
                model.negativeExponent == 0, "model.negativeExponent", model.negativeExponent,
                "it must be 0: other draws need the items' frequencies, which a federation does not know")
        case .ials(let model), .ialsStatistics(let model): model.collectProblems(into: &collector)
        case .item2Vec(let model): model.collectProblems(into: &collector)
        case .ease, .itemKNN, .itemTransitions, .pureSVD, .nmf, .lightGCN: collector.check(validityOf: self)
        }
    }
}

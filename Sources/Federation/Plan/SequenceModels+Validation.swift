import RecommenderModels

extension SequenceLoss {
    func collectProblems(into collector: inout ProblemCollector) {
        switch self {
        case .crossEntropy: break
        case .sampledSoftmax(let negatives, _), .binaryCrossEntropy(let negatives, _), .bpr(let negatives, _):
            collector.check(negatives, in: 1...65_536, "model.negatives")
        case .bprMax(let negatives, let regularization):
            collector.check(negatives, in: 1...65_536, "model.negatives")
            collector.check(regularization >= 0 && regularization <= 1000, "model.regularization", regularization, "it must be in 0…1000")
        case .generalizedBCE(let negatives, let calibration, _):
            collector.check(negatives, in: 1...65_536, "model.negatives")
            collector.check(calibration >= 0 && calibration <= 1, "model.calibration", calibration, "it must be in 0…1")
        }
    }
}

extension SASRecConfiguration {
    func collectProblems(into collector: inout ProblemCollector) {
        collector.check(dimension, in: 1...1024, "model.dimension")
        collector.check(blocks, in: 1...8, "model.blocks")
        collector.check(heads, in: 1...16, "model.heads")
        collector.check(heads >= 1 && dimension % max(heads, 1) == 0, "model.heads", heads, "it must divide the dimension")
        collector.check(maximumLength, in: 1...1000, "model.maximumLength")
        collector.check(feedForwardDimension, in: 1...4096, "model.feedForwardDimension")
        collector.checkFraction(embeddingDropout, "model.embeddingDropout")
        collector.checkFraction(attentionDropout, "model.attentionDropout")
        collector.checkFraction(hiddenDropout, "model.hiddenDropout")
        loss.collectProblems(into: &collector)
    }
}

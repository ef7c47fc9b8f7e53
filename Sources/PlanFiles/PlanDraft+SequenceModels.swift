import RecommenderModels
import StrictYAML

extension PlanDraft {
    static func sasRec(_ keys: inout StrictMapping) throws(YAMLFileError) -> SASRecConfiguration {
        var model = SASRecConfiguration()
        model.dimension = try keys.optionalInteger("dimension", in: 1...1024) ?? model.dimension
        model.blocks = try keys.optionalInteger("blocks", in: 1...8) ?? model.blocks
        model.heads = try keys.optionalInteger("heads", in: 1...16) ?? model.heads
        model.maximumLength = try keys.optionalInteger("maximum-length", in: 1...1000) ?? model.maximumLength
        model.feedForwardDimension = try keys.optionalInteger("feed-forward-dimension", in: 1...4096) ?? model.dimension
        model.activation = try keys.optionalChoice("activation", ["relu": FeedForwardActivation.relu, "gelu": .gelu]) ?? model.activation
        model.positions = try keys.optionalChoice(
            "positions", ["most-recent-first": PositionOrder.mostRecentFirst, "oldest-first": .oldestFirst]) ?? model.positions
        model.residual = try keys.optionalChoice("residual", ["inputs": ResidualPath.inputs, "normalized": .normalized]) ?? model.residual
        model.tiedEmbeddings = try keys.optionalFlag("tied-embeddings") ?? model.tiedEmbeddings
        model.outputBias = try keys.optionalFlag("output-bias") ?? model.outputBias
        model.embeddingDropout = try keys.probability("embedding-dropout") ?? model.embeddingDropout
        model.attentionDropout = try keys.probability("attention-dropout") ?? model.attentionDropout
        model.hiddenDropout = try keys.probability("hidden-dropout") ?? model.hiddenDropout
        model.loss = try keys.optionalVariant("loss", lossWords, read: loss) ?? model.loss
        model.leavesOutMet = try keys.optionalChoice("candidates", ["all": false, "not-met": true]) ?? model.leavesOutMet
        return model
    }

    /// Words of `loss:` of all sequence models.
    static let lossWords = ["cross-entropy", "sampled-softmax", "bpr-max", "bce", "gbce", "bpr"]

    static func loss(_ word: String, _ keys: inout StrictMapping) throws(YAMLFileError) -> SequenceLoss {
        if word == "cross-entropy" { return .crossEntropy }
        let isPairwise = word == "bce" || word == "bpr"
        let negatives = isPairwise ? try keys.optionalInteger("negatives", in: 1...65_536) ?? 1 : try keys.integer("negatives", in: 1...65_536)
        switch word {
        case "sampled-softmax": return .sampledSoftmax(negatives: negatives, logQ: try keys.optionalFlag("log-q") ?? true)
        case "bpr-max": return .bprMax(negatives: negatives, regularization: try keys.nonNegative("regularization") ?? 0)
        default:
            let isShared = try keys.optionalFlag("shared-negatives") ?? false
            switch word {
            case "bce": return .binaryCrossEntropy(negatives: negatives, shared: isShared)
            case "gbce":
                let calibration = try keys.optionalNumber("calibration", "a number from 0 to 1", where: { $0 >= 0 && $0 <= 1 }).map(Float.init) ?? 0.75
                return .generalizedBCE(negatives: negatives, calibration: calibration, shared: isShared)
            default: return .bpr(negatives: negatives, shared: isShared)
            }
        }
    }
}

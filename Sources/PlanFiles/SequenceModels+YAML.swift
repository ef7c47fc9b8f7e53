import RecommenderModels
import StrictYAML

extension RecurrentConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        embeddingDimension = try keys.optionalInteger("embedding-dimension", in: 1...1024) ?? embeddingDimension
        hiddenDimension = try keys.optionalInteger("hidden-dimension", in: 1...1024) ?? embeddingDimension
        layers = try keys.optionalInteger("layers", in: 1...4) ?? layers
        tiedEmbeddings = try keys.optionalFlag("tied-embeddings") ?? tiedEmbeddings
        embeddingDropout = try keys.probability("embedding-dropout") ?? embeddingDropout
        hiddenDropout = try keys.probability("hidden-dropout") ?? hiddenDropout
        loss = try keys.optionalVariant("loss", PlanDraft.lossWords, read: PlanDraft.loss) ?? loss
    }
}

extension CaserConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...1024) ?? dimension
        window = try keys.optionalInteger("window", in: 1...64) ?? window
        horizontalFilters = try keys.optionalInteger("horizontal-filters", in: 1...1024) ?? horizontalFilters
        maximumHeight = try keys.optionalInteger("maximum-height", in: 1...window) ?? window
        verticalFilters = try keys.optionalInteger("vertical-filters", in: 1...1024) ?? verticalFilters
        tiedEmbeddings = try keys.optionalFlag("tied-embeddings") ?? tiedEmbeddings
        dropout = try keys.probability("dropout") ?? dropout
        loss = try keys.optionalVariant("loss", PlanDraft.lossWords, read: PlanDraft.loss) ?? loss
    }
}

extension BERT4RecConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...1024) ?? dimension
        blocks = try keys.optionalInteger("blocks", in: 1...8) ?? blocks
        heads = try keys.optionalInteger("heads", in: 1...16) ?? heads
        maximumLength = try keys.optionalInteger("maximum-length", in: 2...1000) ?? maximumLength
        feedForwardDimension = try keys.optionalInteger("feed-forward-dimension", in: 1...4096) ?? min(4 * dimension, 4096)
        maskProbability = try keys.optionalNumber("mask-probability", "a number above 0 and below 1", where: { $0 > 0 && $0 < 1 }).map(Float.init)
            ?? maskProbability
        lastOnlyProbability = try keys.optionalNumber("last-only-probability", "a number from 0 to 1", where: { $0 >= 0 && $0 <= 1 }).map(Float.init)
            ?? lastOnlyProbability
        embeddingDropout = try keys.probability("embedding-dropout") ?? embeddingDropout
        attentionDropout = try keys.probability("attention-dropout") ?? attentionDropout
        hiddenDropout = try keys.probability("hidden-dropout") ?? hiddenDropout
        loss = try keys.optionalVariant("loss", PlanDraft.lossWords, read: PlanDraft.loss) ?? loss
    }
}

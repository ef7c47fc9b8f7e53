import RecommenderModels

extension SASRecConfiguration {
    func encode(into writer: inout ByteWriter) {
        for value in [dimension, blocks, heads, maximumLength, feedForwardDimension] { writer.append(count: value) }
        writer.append(activation == .gelu)
        writer.append(positions == .oldestFirst)
        writer.append(tiedEmbeddings)
        writer.append(outputBias)
        for value in [embeddingDropout, attentionDropout, hiddenDropout] { writer.append(value) }
        loss.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), blocks: try reader.count("model.blocks"), heads: try reader.count("model.heads"),
            maximumLength: try reader.count("model.maximumLength"), feedForwardDimension: try reader.count("model.feedForwardDimension"),
            activation: try reader.bool("model.activation") ? .gelu : .relu,
            positions: try reader.bool("model.positions") ? .oldestFirst : .mostRecentFirst,
            tiedEmbeddings: try reader.bool("model.tiedEmbeddings"), outputBias: try reader.bool("model.outputBias"),
            embeddingDropout: try reader.float("model.embeddingDropout"), attentionDropout: try reader.float("model.attentionDropout"),
            hiddenDropout: try reader.float("model.hiddenDropout"), loss: try SequenceLoss(from: &reader))
    }
}

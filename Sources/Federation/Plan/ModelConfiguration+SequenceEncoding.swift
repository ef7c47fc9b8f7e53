import RecommenderModels

extension RecurrentConfiguration {
    func encode(into writer: inout ByteWriter) {
        for value in [embeddingDimension, hiddenDimension, layers] { writer.append(count: value) }
        writer.append(tiedEmbeddings)
        writer.append(embeddingDropout)
        writer.append(hiddenDropout)
        loss.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws {
        self.init(
            embeddingDimension: try reader.count("model.embeddingDimension"), hiddenDimension: try reader.count("model.hiddenDimension"),
            layers: try reader.count("model.layers"), tiedEmbeddings: try reader.bool("model.tiedEmbeddings"),
            embeddingDropout: try reader.float("model.embeddingDropout"), hiddenDropout: try reader.float("model.hiddenDropout"),
            loss: try SequenceLoss(from: &reader))
    }

    func collectProblems(into collector: inout ProblemCollector) {
        collector.check(embeddingDimension, in: 1...1024, "model.embeddingDimension")
        collector.check(hiddenDimension, in: 1...1024, "model.hiddenDimension")
        collector.check(layers, in: 1...4, "model.layers")
        collector.checkFraction(embeddingDropout, "model.embeddingDropout")
        collector.checkFraction(hiddenDropout, "model.hiddenDropout")
        loss.collectProblems(into: &collector)
    }
}

extension CaserConfiguration {
    func encode(into writer: inout ByteWriter) {
        for value in [dimension, window, horizontalFilters, maximumHeight, verticalFilters] { writer.append(count: value) }
        writer.append(tiedEmbeddings)
        writer.append(dropout)
        loss.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), window: try reader.count("model.window"),
            horizontalFilters: try reader.count("model.horizontalFilters"), maximumHeight: try reader.count("model.maximumHeight"),
            verticalFilters: try reader.count("model.verticalFilters"), tiedEmbeddings: try reader.bool("model.tiedEmbeddings"),
            dropout: try reader.float("model.dropout"), loss: try SequenceLoss(from: &reader))
    }

    func collectProblems(into collector: inout ProblemCollector) {
        collector.check(dimension, in: 1...1024, "model.dimension")
        collector.check(window, in: 1...64, "model.window")
        collector.check(horizontalFilters, in: 1...1024, "model.horizontalFilters")
        collector.check(
            maximumHeight >= 1 && maximumHeight <= window, "model.maximumHeight", maximumHeight, "it must be in 1…window (\(window))")
        collector.check(verticalFilters, in: 1...1024, "model.verticalFilters")
        collector.checkFraction(dropout, "model.dropout")
        loss.collectProblems(into: &collector)
    }
}

extension BERT4RecConfiguration {
    func encode(into writer: inout ByteWriter) {
        for value in [dimension, blocks, heads, maximumLength, feedForwardDimension] { writer.append(count: value) }
        for value in [maskProbability, lastOnlyProbability, embeddingDropout, attentionDropout, hiddenDropout] { writer.append(value) }
        loss.encode(into: &writer)
    }

    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), blocks: try reader.count("model.blocks"), heads: try reader.count("model.heads"),
            maximumLength: try reader.count("model.maximumLength"), feedForwardDimension: try reader.count("model.feedForwardDimension"),
            maskProbability: try reader.float("model.maskProbability"), lastOnlyProbability: try reader.float("model.lastOnlyProbability"),
            embeddingDropout: try reader.float("model.embeddingDropout"), attentionDropout: try reader.float("model.attentionDropout"),
            hiddenDropout: try reader.float("model.hiddenDropout"), loss: try SequenceLoss(from: &reader))
    }

    func collectProblems(into collector: inout ProblemCollector) {
        collector.check(dimension, in: 1...1024, "model.dimension")
        collector.check(blocks, in: 1...8, "model.blocks")
        collector.check(heads, in: 1...16, "model.heads")
        collector.check(heads >= 1 && dimension % max(heads, 1) == 0, "model.heads", heads, "it must divide the dimension")
        collector.check(maximumLength, in: 2...1000, "model.maximumLength")
        collector.check(feedForwardDimension, in: 1...4096, "model.feedForwardDimension")
        collector.check(
            maskProbability > 0 && maskProbability < 1, "model.maskProbability", maskProbability, "it must be above 0 and below 1")
        collector.check(
            lastOnlyProbability >= 0 && lastOnlyProbability <= 1, "model.lastOnlyProbability", lastOnlyProbability, "it must be in 0…1")
        collector.checkFraction(embeddingDropout, "model.embeddingDropout")
        collector.checkFraction(attentionDropout, "model.attentionDropout")
        collector.checkFraction(hiddenDropout, "model.hiddenDropout")
        loss.collectProblems(into: &collector)
    }
}

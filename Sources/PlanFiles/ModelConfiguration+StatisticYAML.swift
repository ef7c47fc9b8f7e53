import RecommenderModels
import StrictYAML

extension EASEConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        regularization = try keys.nonNegative("regularization") ?? regularization
        userWeight = try keys.userWeight() ?? userWeight
    }
}

extension ItemKNNConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        similarity = try keys.optionalChoice("similarity", ["cosine": .cosine, "euclidean": .euclidean]) ?? similarity
        neighbours = try keys.optionalInteger("neighbours", in: 1...20_000) ?? neighbours
        shrinkage = try keys.nonNegative("shrinkage") ?? shrinkage
        userWeight = try keys.userWeight() ?? userWeight
    }
}

extension ItemTransitionsConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        func number(_ key: String, _ range: ClosedRange<Double>) throws(YAMLFileError) -> Float? {
            try keys.optionalNumber(key, "a number from \(range.lowerBound) to \(range.upperBound)", where: { range.contains($0) }).map(Float.init)
        }
        direction = try keys.optionalChoice("direction", ["both": .both, "forward": .forward]) ?? direction
        window = try keys.optionalInteger("window", in: 1...100) ?? window
        distanceExponent = try number("distance-exponent", 0...4) ?? distanceExponent
        threshold = try number("threshold", 0...10) ?? threshold
        recentEvents = try keys.optionalInteger("recent-events", in: 1...1000) ?? recentEvents
        recency = try keys.optionalNumber("recency", "a number above 0 and at most 1", where: { $0 > 0 && $0 <= 1 }).map(Float.init) ?? recency
        rowExponent = try number("row-exponent", 0...1) ?? rowExponent
    }
}

extension PureSVDConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...1024) ?? dimension
        userWeight = try keys.userWeight() ?? userWeight
    }
}

extension NMFConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...256) ?? dimension
        regularization = try keys.nonNegative("regularization") ?? regularization
        userWeight = try keys.userWeight() ?? userWeight
    }
}

extension LightGCNConfiguration {
    init(section keys: inout StrictMapping) throws(YAMLFileError) {
        self.init()
        dimension = try keys.optionalInteger("dimension", in: 1...1024) ?? dimension
        layers = try keys.optionalInteger("layers", in: 1...8) ?? layers
        regularization = try keys.nonNegative("regularization") ?? regularization
    }
}

extension StrictMapping {
    mutating func userWeight() throws(YAMLFileError) -> UserWeight? {
        try optionalChoice("user-weight", ["equal": UserWeight.equal, "inverse-root": .inverseRoot, "inverse-count": .inverseCount])
    }
}

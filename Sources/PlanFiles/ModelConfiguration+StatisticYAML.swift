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

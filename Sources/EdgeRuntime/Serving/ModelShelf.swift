/// Where the newest model stands for whoever answers questions; replacing it is one step, so that every answer is from one version.
public actor ModelShelf {
    public private(set) var engine: RecommendationEngine?
    public init(engine: RecommendationEngine? = nil) { self.engine = engine }
    public func replace(with engine: RecommendationEngine) { self.engine = engine }
}

/// Item vectors smoothed over the graph of who met what (He et al. 2020, *LightGCN*), with the BPR loss.
public struct LightGCNConfiguration: Sendable, Hashable {
    /// D; 1…1024.
    public var dimension: Int
    /// K, how often vectors are passed along the edges in pooled training; 1…8. A federation has no common graph and does not use it.
    public var layers: Int
    /// λ of the squared norms of the vectors of a pair; ≥ 0.
    public var regularization: Float

    public init(dimension: Int = 64, layers: Int = 3, regularization: Float = 1e-4) {
        self.dimension = dimension
        self.layers = layers
        self.regularization = regularization
    }

    func validate() throws {
        guard (1...1024).contains(dimension) else { throw ModelError("the dimension is \(dimension); choose a value from 1 to 1024") }
        guard (1...8).contains(layers) else { throw ModelError("the number of layers is \(layers); choose a value from 1 to 8") }
        guard regularization >= 0, regularization.isFinite else {
            throw ModelError("the regularization is \(regularization); choose a finite value of at least 0")
        }
    }
}

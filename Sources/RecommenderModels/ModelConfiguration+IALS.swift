/// Implicit alternating least squares (Hu et al. 2008) with the regulariser of Rendle et al. 2021. Users' vectors are solved from their
/// events each time and kept nowhere; the model is the items' side.
///
/// Loss: Σ over observed pairs (ŷ − 1)² + α₀ Σ over all pairs ŷ² + Σ over rows ridge |row|². A row with n events against M rows of
/// the other side has ridge λ M (n / M + α₀)^ν, which for ν = 1 is Rendle's λ (n + α₀ M). In this form it is a function of means, so
/// that a federation, which knows means over users, has the same one.
public struct IALSConfiguration: Sendable, Hashable {
    /// D, width of a vector; 1…512.
    public var dimension: Int
    /// λ; above 0.
    public var regularization: Float
    /// ν; 0…2.
    public var regularizationExponent: Float
    /// α₀, weight of every pair whether observed or not, where an observed one has 1 more; above 0.
    public var unobservedWeight: Float
    /// Steps of conjugate gradient per row of a pooled sweep; 0 solves exactly.
    public var solverSteps: Int

    public init(
        dimension: Int = 64, regularization: Float = 0.003, regularizationExponent: Float = 1, unobservedWeight: Float = 0.1,
        solverSteps: Int = 3
    ) {
        self.dimension = dimension
        self.regularization = regularization
        self.regularizationExponent = regularizationExponent
        self.unobservedWeight = unobservedWeight
        self.solverSteps = solverSteps
    }

    func validate() throws {
        try check(dimension, in: 1...512, "the dimension")
        try check(solverSteps, in: 0...100, "the number of solver steps")
        guard regularization > 0, regularization.isFinite else {
            throw ModelError("the regularization is \(regularization); choose a finite value above 0")
        }
        guard (0...2).contains(regularizationExponent) else {
            throw ModelError("the exponent of the regularization is \(regularizationExponent); choose a value from 0 to 2")
        }
        guard unobservedWeight > 0, unobservedWeight.isFinite else {
            throw ModelError("the weight of unobserved pairs is \(unobservedWeight); choose a finite value above 0")
        }
    }
}

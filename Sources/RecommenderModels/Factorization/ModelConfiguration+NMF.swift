/// Non-negative matrix factorisation of who met what (Lee and Seung 2001) by alternating non-negative least squares (Kim and Park 2008).
public struct NMFConfiguration: Sendable, Hashable {
    /// D, the number of factors; 1…256.
    public var dimension: Int
    /// λ of the squared norms of both sides, in units of the mean of the diagonal it is added to; ≥ 0.
    public var regularization: Float
    /// How much a user counts.
    public var userWeight: UserWeight

    public init(dimension: Int = 32, regularization: Float = 0.01, userWeight: UserWeight = .equal) {
        self.dimension = dimension
        self.regularization = regularization
        self.userWeight = userWeight
    }

    func validate() throws {
        guard (1...256).contains(dimension) else { throw ModelError("the dimension is \(dimension); choose a value from 1 to 256") }
        guard regularization >= 0, regularization.isFinite else {
            throw ModelError("the regularization is \(regularization); choose a finite value of at least 0")
        }
    }
}

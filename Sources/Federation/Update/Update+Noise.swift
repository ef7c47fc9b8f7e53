public import DifferentialPrivacy

extension Update where Stage == Clipped {
    /// Adds discrete Gaussian noise to every coordinate: the Gaussian mechanism of privacy mode `local`.
    /// - Throws: what the noise source throws; nothing may be sent then.
    public consuming func noised(with noise: DiscreteGaussian, from stream: inout any NoiseStream) throws -> Update<Noised> {
        try noised(with: SumNoise(parameters: noise), from: &stream)
    }

    /// The same with a width of its own for the count of an adaptive clip, the last coordinate.
    /// - Throws: what the noise source throws; nothing may be sent then.
    public consuming func noised(with noise: SumNoise, from stream: inout any NoiseStream) throws -> Update<Noised> {
        var noisy = coordinates
        try noise.add(to: &noisy, from: &stream)
        return Update<Noised>(coordinates: noisy)
    }

    /// Adds this node's share of the noise: what then goes under masks in privacy mode `distributed`.
    /// - Throws: what the noise source throws; nothing may be sent then.
    public consuming func partlyNoised(with share: DiscreteGaussian, from stream: inout any NoiseStream) throws -> Update<PartlyNoised> {
        var noisy = coordinates
        try share.add(to: &noisy, from: &stream)
        return Update<PartlyNoised>(coordinates: noisy)
    }
}

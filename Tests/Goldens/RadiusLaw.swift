import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The law of |x - y| / sigma under the Student-t kernel: sqrt(D·Beta'(N/2, D/2)), and the chi law with N degrees of freedom for
/// D = infinity. Written for the tests, by textbook methods that share nothing with the sampler.
struct RadiusLaw {
    let N: Int
    let D: Double

    /// The radius below which a share `q` of the law lies, by bisection in log R.
    func quantile(_ q: Double) -> Double {
        // Work with the tail that holds less, so that no digits are lost near 1.
        let upper = q > 0.5
        let goal = upper ? 1 - q : q
        var (low, high) = (-40.0, 60.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            let tail = self.tail(exp(middle), upper: upper)
            if (tail < goal) != upper { low = middle } else { high = middle }
        }
        return exp((low + high) / 2)
    }

    /// The share of the law below or above `radius`.
    private func tail(_ radius: Double, upper: Bool) -> Double {
        let a = Double(N) / 2
        if D.isInfinite { return incompleteGamma(a, radius * radius / 2, upper: upper) }
        // With B = R² / (R² + D): I_B(a, b) below, I_{1-B}(b, a) above.
        let square = radius * radius
        let (share, rest) = (square / (square + D), D / (square + D))
        return upper ? incompleteBeta(D / 2, a, rest, share) : incompleteBeta(a, D / 2, share, rest)
    }
}

/// log Gamma(z + 1) minus Stirling's formula for it (Loader, 2000, "Fast and accurate computation of binomial probabilities").
private func stirlingError(_ z: Double) -> Double {
    if z < 16 { return lgamma(z + 1) - (z + 0.5) * log(z) + z - 0.5 * log(2 * .pi) }
    let s = 1 / (z * z)
    return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / z
}

/// x log(x / m) + m - x without cancellation near x = m (Loader, 2000).
private func deviance(_ x: Double, _ m: Double) -> Double {
    guard abs(x - m) < 0.1 * (x + m) else { return x * log(x / m) + m - x }
    let v = (x - m) / (x + m)
    var (sum, term) = ((x - m) * v, 2 * x * v)
    for j in 1..<1000 {
        term *= v * v
        let next = sum + term / Double(2 * j + 1)
        if next == sum { break }
        sum = next
    }
    return sum
}

/// The regularised incomplete beta function I_x(a, b) with y = 1 - x given apart, by its continued fraction (Lentz).
private func incompleteBeta(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(b, a, y, x) }
    if x <= 0 { return 0 }
    // x^a y^b / (a B(a, b)) as a binomial probability.
    let deviance = deviance(a, (a + b) * x) + deviance(b, (a + b) * y)
    let front =
        exp(stirlingError(a + b) - stirlingError(a) - stirlingError(b) - deviance)
        * ((a + b) / (2 * .pi * a * b)).squareRoot() * b / (a + b)
    let tiny = 1e-300
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var (c, h) = (1.0, d)
    for m in 1..<200_000 {
        let k = Double(m)
        let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
        let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
        var change = 1.0
        for term in [even, odd] {
            d = 1 + term * d
            c = 1 + term / c
            d = 1 / (abs(d) < tiny ? tiny : d)
            c = abs(c) < tiny ? tiny : c
            change = c * d
            h *= change
        }
        if abs(change - 1) < 1e-16 { break }
    }
    return front * h
}

/// The regularised incomplete gamma functions P(a, x) and Q(a, x): the series below a + 1, the continued fraction above.
private func incompleteGamma(_ a: Double, _ x: Double, upper: Bool) -> Double {
    if x <= 0 { return upper ? 1 : 0 }
    // x^a e^-x / Gamma(a) as a Poisson probability.
    let front = exp(-stirlingError(a) - deviance(a, x)) / (2 * .pi * a).squareRoot() * a
    if x < a + 1 {
        var (term, sum) = (1 / a, 1 / a)
        for k in 1..<200_000 {
            term *= x / (a + Double(k))
            sum += term
            if term < sum * 1e-17 { break }
        }
        return upper ? 1 - front * sum : front * sum
    }
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / b
    var h = d
    for k in 1..<200_000 {
        let an = -Double(k) * (Double(k) - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        h *= d * c
        if abs(d * c - 1) < 1e-16 { break }
    }
    return upper ? front * h : 1 - front * h
}

import AssayCore

/// What is known of one column after one pass over it.
struct ColumnSummary {
    let name: String
    private(set) var nulls = 0
    private(set) var integers = 0, reals = 0, booleans = 0, texts = 0
    private(set) var sketch = QuantileSketch()
    private(set) var distinct = DistinctCounter()
    private(set) var minimum = Double.infinity, maximum = -Double.infinity
    private var mean = 0.0, squares = 0.0

    init(name: String) {
        self.name = name
    }

    /// How many values there are that are not null.
    var count: Int { integers + reals + booleans + texts }
    /// How many of them are numbers.
    var numbers: Int { integers + reals }
    /// The mean of the numbers; `nil` without any.
    var average: Double? { numbers > 0 ? mean : nil }
    /// Their standard deviation.
    var deviation: Double? { numbers > 1 ? (squares / Double(numbers - 1)).squareRoot() : nil }
    /// The share of nulls.
    var nullShare: Double { count + nulls > 0 ? Double(nulls) / Double(count + nulls) : 0 }

    /// The narrowest type that holds every value.
    var type: String {
        switch (count, texts, booleans, reals) {
        case (0, _, _, _): "empty"
        case (_, 1..., _, _): "text"
        case (count, 0, count, _): "boolean"
        case (_, 0, 1..., _): "text"
        case (_, _, _, 0): "integer"
        default: "number"
        }
    }

    mutating func addNull() { nulls += 1 }

    mutating func add(integer value: Double, hash: UInt64, text: @autoclosure () -> String) {
        integers += 1
        add(value, hash: hash, text: text())
    }

    mutating func add(real value: Double, hash: UInt64, text: @autoclosure () -> String) {
        reals += 1
        add(value, hash: hash, text: text())
    }

    mutating func add(boolean hash: UInt64, text: @autoclosure () -> String) {
        booleans += 1
        distinct.add(hash, text: text())
    }

    mutating func add(text hash: UInt64, text: @autoclosure () -> String) {
        texts += 1
        distinct.add(hash, text: text())
    }

    /// Welford's running mean and sum of squares, which do not lose digits as plain sums do.
    private mutating func add(_ value: Double, hash: UInt64, text: @autoclosure () -> String) {
        distinct.add(hash, text: text())
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        let delta = value - mean
        mean += delta / Double(numbers)
        squares += delta * (value - mean)
        sketch.add(value)
    }
}

extension ColumnSummary {
    /// Shares of the ranks that are shown.
    static let shares = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]

    var json: JSONValue {
        var members: [String: JSONValue?] = [
            "name": JSONValue(name), "type": JSONValue(type), "count": JSONValue(count),
            "nulls": JSONValue(nulls), "distinct": JSONValue(distinct.count),
            "distinct_is_exact": .bool(distinct.isExact),
        ]
        if numbers > 0 {
            members["mean"] = average.map(JSONValue.double)
            members["deviation"] = deviation.map(JSONValue.double)
            members["minimum"] = .double(minimum)
            members["maximum"] = .double(maximum)
            let names = ["p01", "p05", "p25", "p50", "p75", "p95", "p99"]
            let values = sketch.quantiles(Self.shares).map(JSONValue.double)
            members["quantiles"] = .object(
                Dictionary(zip(names, values), uniquingKeysWith: { $1 }))
        }
        return .object(present: members)
    }

    /// One line for people.
    var description: String {
        var parts = [type, "\(count.grouped) values"]
        if nulls > 0 { parts.append("\((nullShare * 100).fixed(1)) % null") }
        parts.append("\(distinct.isExact ? "" : "about ")\(distinct.count.grouped) distinct")
        if let average { parts.append("mean \(average.brief)") }
        return parts.joined(separator: ", ")
    }
}

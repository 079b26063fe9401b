"""The original system's own example files, from its repository and its documents."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

HOURLY = [27483, 16087, 22118, 24130, 25466, 14748, 22120, 12734, 26812, 20107, 21446, 26135]
HOURLY += [21452, 15415, 20774, 22790, 28818, 20773, 16085, 20778, 16089, 24127, 19437, 14076]
DAYS = [79086, 69700, 60327, 67698, 72385, 77750, 73054]

# The file in the repository: every conversation has 63 messages.
REPOSITORY_SHAPE: Json = {
    "extracted_at": "2025-10-22T11:43:54.054Z",
    "sample_window_days": 30,
    "privacy_level": "ANONYMIZED_SHAPE_ONLY",
    "users": {
        "total_count": 5000,
        "username_length_histogram": {"15-19": 5000},
        "profile_completeness_bins": {"0_fields": 2530, "1_field": 2470, "2_fields": 0},
    },
    "conversations": {
        "total_count": 8000,
        "type_distribution": {"DIRECT_MESSAGE": 5575, "GROUP_CHAT": 2425},
        "member_count_histogram": {"0-4": 6179, "5-9": 1492, "10-14": 329},
        "messages_per_conversation_percentiles": dict.fromkeys(("p50", "p75", "p90", "p95", "p99", "max"), 63),
    },
    "messages": {
        "total_count": 500000,
        "content_length_histogram": {"50-99": 332439, "0-49": 164879, "100-149": 2682},
        "content_length_stats": {"mean": 61, "median": 60, "p95": 93},
        "type_distribution": {"IMAGE": 63007, "TEXT": 416887, "FILE": 20106},
        "hourly_distribution": HOURLY,
        "day_of_week_distribution": DAYS,
    },
}

# The "realistic" one of the documents; where they abbreviate the two arrays, numbers of the same sum stand here.
REALISTIC_SHAPE: Json = {
    "extracted_at": "2025-10-22T14:30:00Z",
    "sample_window_days": 30,
    "privacy_level": "ANONYMIZED_SHAPE_ONLY",
    "users": {
        "total_count": 50000,
        "username_length_histogram": {"5-9": 2300, "10-14": 1800, "15-19": 900},
        "profile_completeness_bins": {"0_fields": 500, "1_field": 1200},
    },
    "conversations": {
        "total_count": 16000,
        "type_distribution": {"DIRECT_MESSAGE": 12500, "GROUP_CHAT": 3500},
        "messages_per_conversation_percentiles": {
            "p50": 45,
            "p75": 120,
            "p90": 450,
            "p95": 1200,
            "p99": 5000,
            "max": 15000,
        },
    },
    "messages": {
        "total_count": 1200000,
        "content_length_stats": {"mean": 85, "median": 42, "p95": 280},
        "type_distribution": {"TEXT": 1020000, "IMAGE": 120000, "FILE": 36000},
        "hourly_distribution": [3200, 2100, *[54000] * 21, 15000],
        "day_of_week_distribution": [25000, 38000, *[227400] * 5],
    },
}

# The second sampler's format with the values of its guide: half-open labels, other names of keys.
EXTENDED_SHAPE: Json = {
    "extracted_at": "2025-10-22T14:30:00Z",
    "sample_window_days": 30,
    "privacy_level": "ANONYMIZED_SHAPE_ONLY",
    "users": {
        "total_count": 142350,
        "username_length_histogram": {"5-10": 60000, "10-15": 62350, "15-20": 20000},
        "profile_completeness_histogram": {"0_fields": 42350, "1_fields": 60000, "2_fields": 40000},
        "device_mix": {"web": 64057, "ios": 42705, "android": 28470, "unknown": 7118},
    },
    "conversations": {
        "total_count": 287420,
        "type_distribution": {"DIRECT_MESSAGE": 195445, "GROUP_CHAT": 77604, "CHANNEL": 14371},
        "member_count_histogram": {"0-5": 230000, "5-10": 40000, "10-15": 17420},
        "activity_percentiles": {"p50": 14, "p75": 87, "p90": 423, "p95": 1205, "p99": 8934},
        "heavy_room_distribution": {"percentage_over_1k": 0.06, "percentage_over_10k": 0.008, "max_messages": 41000},
    },
    "messages": {
        "total_count": 95324871,
        "content_length_histogram": {"0-50": 50000, "50-100": 30000, "100-150": 20000},
        "media_ratio": 0.163,
        "inter_arrival_histogram_seconds": {"0-60": 99000, "60-120": 1000},
        "hourly_distribution": HOURLY,
        "weekday_weekend_ratio": 1.38,
        "burst_coefficient": 2.47,
    },
    "read_receipts": {"read_rate": 0.82, "immediate_percentage": 0.6, "delay_histogram_minutes": {"0-60": 9000}},
    "attachments": {"type_distribution": {"image": 67, "video": 14}, "size_histogram_kb": {"0-100": 81}},
}

REPOSITORY_CONFIG: Json = {
    "calibration_metadata": {
        "source_shape_file": "2025-10-22T11:43:54.054Z",
        "calibrated_at": "2025-10-22T11:44:10.000Z",
        "production_sample_window_days": 30,
    },
    "user_generation": {"username_length": {"distribution": "normal", "mean": 17.5, "stddev": 0}},
    "conversation_generation": {
        "type_distribution": {"DIRECT_MESSAGE": 0.6969, "GROUP_CHAT": 0.3031, "CHANNEL": 0},
        "messages_per_conversation": {
            "distribution": "power_law",
            "alpha": 1.8,
            "min": 1,
            "max": 10000,
            "p50": 50,
            "p90": 500,
            "p99": 2000,
        },
    },
    "message_generation": {
        "content_length": {"distribution": "log_normal", "mean": 61, "median": 60, "p95": 93},
        "type_distribution": {"IMAGE": 0.126, "TEXT": 0.8338, "FILE": 0.0402},
        "temporal": {
            "hourly_weights": [round(value / 500000, 4) for value in HOURLY],
            "day_of_week_weights": [round(value / 500000, 4) for value in DAYS],
        },
    },
}

REALISTIC_CONFIG: Json = {
    "calibration_metadata": {
        "source_shape_file": "2025-10-22T14:30:00Z",
        "calibrated_at": "2025-10-22T15:00:00Z",
        "production_sample_window_days": 30,
    },
    "user_generation": {"username_length": {"distribution": "normal", "mean": 8.5, "stddev": 2.3}},
    "conversation_generation": {
        "type_distribution": {"DIRECT_MESSAGE": 0.7813, "GROUP_CHAT": 0.2187, "CHANNEL": 0},
        "messages_per_conversation": {
            "distribution": "power_law",
            "alpha": 1.85,
            "min": 1,
            "max": 15000,
            "p50": 45,
            "p90": 450,
            "p99": 5000,
        },
    },
    "message_generation": {
        "content_length": {"distribution": "log_normal", "mean": 85, "median": 42, "p95": 280},
        "type_distribution": {"TEXT": 0.85, "IMAGE": 0.1, "FILE": 0.03, "AUDIO": 0.01, "VIDEO": 0.01},
        "temporal": {"hourly_weights": [0.0417] * 24, "day_of_week_weights": [0.1429] * 7},
    },
}

SHAPES = {"repository": REPOSITORY_SHAPE, "realistic": REALISTIC_SHAPE, "extended": EXTENDED_SHAPE}
CONFIGS = {"repository": REPOSITORY_CONFIG, "realistic": REALISTIC_CONFIG}

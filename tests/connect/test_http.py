import pytest
from support.receiver import WebhookReceiver

from andon.connect import http


def test_no_proxy_is_asked_for_a_worker_of_ours():
    handlers = {type(one).__name__ for one in http._DIRECT.handlers}
    assert "ProxyHandler" not in handlers or not any(
        one.proxies for one in http._DIRECT.handlers if type(one).__name__ == "ProxyHandler"
    )


@pytest.mark.parametrize("outside", [False, True])
def test_a_redirect_is_an_answer_and_followed_nowhere(outside):
    with WebhookReceiver() as receiver:
        receiver.answers = [302]
        receiver.answer_headers = {"Location": receiver.url}
        request = http.urllib.request.Request(receiver.url, b"{}", method="POST")
        with pytest.raises(http.urllib.request.HTTPError, match="302") as error:
            http.ask(request, timeout=10, outside=outside)
        error.value.close()
    assert receiver.posts == []

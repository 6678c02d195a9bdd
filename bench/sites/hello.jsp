<%-- A tiny response for tomcat. It counts what it serves. --%>
<%@ page session="false" contentType="text/plain" trimDirectiveWhitespaces="true" %>
<%@ page import="java.util.concurrent.atomic.AtomicLong" %>
<%! private static final AtomicLong SERVED = new AtomicLong(); %>
<% long count = SERVED.incrementAndGet(); %>
<%= request.getServletPath().equals("/served") ? "" + count : "hello world" %>
